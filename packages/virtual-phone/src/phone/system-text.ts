/** What the system itself says, in the languages of the stock apps. */
import type { Language } from "../models/model.js";

export interface SystemText {
  readonly usbTitle: string;
  readonly usbMessage: string;
  readonly usbAllow: string;
  readonly usbAlways: string;
  readonly usbCancel: string;
  readonly closeApp: string;
  readonly wait: string;
  stopped(label: string): string;
  notResponding(label: string): string;
  readonly swipeToUnlock: string;
  readonly enterPin: string;
  readonly wrongPin: string;
  readonly noNotifications: string;
  readonly clearAll: string;
  readonly noRecents: string;
  readonly labPhone: string;
  readonly allow: string;
  readonly dontAllow: string;
  permissionQuestion(label: string, what: string): string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly tiles: { readonly wifi: string; readonly rotation: string; readonly dark: string; readonly battery: string };
}

export const SYSTEM_TEXT: Readonly<Record<Language, SystemText>> = {
  en: {
    usbTitle: "Allow USB debugging?",
    usbMessage: "The computer's RSA key fingerprint is:",
    usbAllow: "Allow",
    usbAlways: "Always allow from this computer",
    usbCancel: "Cancel",
    closeApp: "Close app",
    wait: "Wait",
    stopped: (label) => `${label} has stopped`,
    notResponding: (label) => `${label} isn't responding`,
    swipeToUnlock: "Swipe up to unlock",
    enterPin: "Enter PIN",
    wrongPin: "Wrong PIN",
    noNotifications: "No notifications",
    clearAll: "Clear all",
    noRecents: "No recent items",
    labPhone: "phonerack test phone",
    allow: "Allow",
    dontAllow: "Don't allow",
    permissionQuestion: (label, what) => `Allow ${label} to ${what}?`,
    permissions: {
      POST_NOTIFICATIONS: "send you notifications",
      CAMERA: "take pictures and record video",
      ACCESS_FINE_LOCATION: "access this device's location",
    },
    tiles: { wifi: "Wi-Fi", rotation: "Auto-rotate", dark: "Dark theme", battery: "Battery" },
  },
  zh: {
    usbTitle: "允许 USB 调试吗?",
    usbMessage: "这台计算机的 RSA 密钥指纹如下:",
    usbAllow: "允许",
    usbAlways: "始终允许使用这台计算机进行调试",
    usbCancel: "取消",
    closeApp: "关闭应用",
    wait: "等待",
    stopped: (label) => `${label}已停止运行`,
    notResponding: (label) => `${label}无响应`,
    swipeToUnlock: "向上滑动即可解锁",
    enterPin: "输入 PIN 码",
    wrongPin: "PIN 码错误",
    noNotifications: "没有通知",
    clearAll: "全部清除",
    noRecents: "近期没有任何内容",
    labPhone: "phonerack 测试手机",
    allow: "允许",
    dontAllow: "不允许",
    permissionQuestion: (label, what) => `要允许${label}${what}吗?`,
    permissions: { POST_NOTIFICATIONS: "向您发送通知", CAMERA: "拍照和录像", ACCESS_FINE_LOCATION: "获取此设备的位置信息" },
    tiles: { wifi: "WLAN", rotation: "自动旋转", dark: "深色主题", battery: "电池" },
  },
  fr: {
    usbTitle: "Autoriser le débogage USB ?",
    usbMessage: "L'empreinte de la clé RSA de l'ordinateur est :",
    usbAllow: "Autoriser",
    usbAlways: "Toujours autoriser sur cet ordinateur",
    usbCancel: "Annuler",
    closeApp: "Fermer l'application",
    wait: "Attendre",
    stopped: (label) => `L'application ${label} s'est arrêtée`,
    notResponding: (label) => `L'application ${label} ne répond pas`,
    swipeToUnlock: "Balayez vers le haut pour déverrouiller",
    enterPin: "Saisissez le code",
    wrongPin: "Code incorrect",
    noNotifications: "Aucune notification",
    clearAll: "Tout effacer",
    noRecents: "Aucun élément récent",
    labPhone: "Téléphone de test phonerack",
    allow: "Autoriser",
    dontAllow: "Ne pas autoriser",
    permissionQuestion: (label, what) => `Autoriser ${label} à ${what} ?`,
    permissions: {
      POST_NOTIFICATIONS: "vous envoyer des notifications",
      CAMERA: "prendre des photos et filmer",
      ACCESS_FINE_LOCATION: "accéder à la position",
    },
    tiles: { wifi: "Wi-Fi", rotation: "Rotation auto", dark: "Thème sombre", battery: "Batterie" },
  },
  de: {
    usbTitle: "USB-Debugging zulassen?",
    usbMessage: "Der Fingerabdruck des RSA-Schlüssels des Computers lautet:",
    usbAllow: "Zulassen",
    usbAlways: "Von diesem Computer immer zulassen",
    usbCancel: "Abbrechen",
    closeApp: "App schließen",
    wait: "Warten",
    stopped: (label) => `${label} wurde beendet`,
    notResponding: (label) => `${label} reagiert nicht`,
    swipeToUnlock: "Zum Entsperren nach oben wischen",
    enterPin: "PIN eingeben",
    wrongPin: "Falsche PIN",
    noNotifications: "Keine Benachrichtigungen",
    clearAll: "Alle löschen",
    noRecents: "Keine kürzlich verwendeten Elemente",
    labPhone: "phonerack-Testtelefon",
    allow: "Zulassen",
    dontAllow: "Nicht zulassen",
    permissionQuestion: (label, what) => `Darf ${label} ${what}?`,
    permissions: {
      POST_NOTIFICATIONS: "Ihnen Benachrichtigungen senden",
      CAMERA: "Fotos und Videos aufnehmen",
      ACCESS_FINE_LOCATION: "auf den Standort zugreifen",
    },
    tiles: { wifi: "WLAN", rotation: "Automatisch drehen", dark: "Dunkles Design", battery: "Akku" },
  },
};

export function systemText(language: Language): SystemText {
  return SYSTEM_TEXT[language];
}
