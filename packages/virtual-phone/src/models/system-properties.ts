/** `getprop` of a fresh phone. Made once per model and shared; a phone adds its serial. All of it says "phonerack". */
import type { Model } from "./model.js";

const cache = new Map<string, ReadonlyMap<string, string>>();

export function systemProperties(model: Model): ReadonlyMap<string, string> {
  let properties = cache.get(model.id);
  if (!properties) {
    properties = new Map(Object.entries({ ...identity(model), ...build(model), ...hardware(model), ...running(model) }));
    cache.set(model.id, properties);
  }
  return properties;
}

function identity(model: Model): Record<string, string> {
  const names: Record<string, string> = {};
  // The same names stand under each partition since API 28.
  const partitions = model.sdk >= 28 ? ["", "odm.", "product.", "system.", "system_ext.", "vendor."] : ["", "vendor."];
  for (const partition of partitions) {
    names[`ro.product.${partition}brand`] = "phonerack";
    names[`ro.product.${partition}device`] = model.device;
    names[`ro.product.${partition}manufacturer`] = model.manufacturer;
    names[`ro.product.${partition}model`] = model.name;
    names[`ro.product.${partition}name`] = model.device;
  }
  return { ...names, "ro.product.board": "phonerack_virtual", "ro.product.locale": model.locale, "ro.phonerack.virtual": "1" };
}

function build(model: Model): Record<string, string> {
  const incremental = `phonerack.${model.sdk}01`;
  const fingerprint = `phonerack/${model.device}/${model.device}:${model.release}/${model.buildId}/${incremental}:userdebug/dev-keys`;
  const date = Math.floor(Date.parse(`${model.securityPatch}T06:00:00Z`) / 1000);
  const display = `${model.device}-userdebug ${model.release} ${model.buildId} ${incremental} dev-keys`;
  return {
    "ro.build.characteristics": model.tablet ? "tablet" : "default",
    "ro.build.date": new Date(date * 1000).toUTCString(),
    "ro.build.date.utc": String(date),
    "ro.build.description": display,
    "ro.build.display.id": `${model.buildId} phonerack virtual`,
    "ro.build.fingerprint": fingerprint,
    "ro.build.flavor": `${model.device}-userdebug`,
    "ro.build.host": "phonerack",
    "ro.build.id": model.buildId,
    "ro.build.product": model.device,
    "ro.build.tags": "dev-keys",
    "ro.build.type": "userdebug",
    "ro.build.user": "phonerack",
    "ro.build.version.all_codenames": "REL",
    "ro.build.version.base_os": "",
    "ro.build.version.codename": "REL",
    "ro.build.version.incremental": incremental,
    "ro.build.version.preview_sdk": "0",
    "ro.build.version.release": model.release,
    ...(model.sdk >= 30 ? { "ro.build.version.release_or_codename": model.release } : {}),
    "ro.build.version.sdk": String(model.sdk),
    "ro.build.version.security_patch": model.securityPatch,
    "ro.bootimage.build.fingerprint": fingerprint,
    "ro.vendor.build.fingerprint": fingerprint,
    "ro.debuggable": "1",
    "ro.secure": "1",
    "ro.adb.secure": "1",
    "ro.treble.enabled": "true",
    "ro.product.first_api_level": String(model.sdk),
    "ro.vndk.version": String(model.sdk),
    "ro.crypto.state": "encrypted",
    "ro.crypto.type": "file",
    "ro.oem_unlock_supported": "0",
  };
}

function hardware(model: Model): Record<string, string> {
  return {
    "ro.hardware": "phonerack",
    "ro.boot.hardware": "phonerack",
    "ro.board.platform": "virtual",
    "ro.kernel.qemu": "0",
    "ro.arch": "arm64",
    "ro.product.cpu.abi": "arm64-v8a",
    "ro.product.cpu.abilist": model.sdk >= 33 ? "arm64-v8a" : "arm64-v8a,armeabi-v7a,armeabi",
    "ro.product.cpu.abilist32": model.sdk >= 33 ? "" : "armeabi-v7a,armeabi",
    "ro.product.cpu.abilist64": "arm64-v8a",
    "ro.sf.lcd_density": String(model.density),
    "ro.opengles.version": "196610",
    "ro.boot.bootloader": "phonerack-1",
    "ro.bootloader": "phonerack-1",
    "ro.bootmode": "unknown",
    "ro.baseband": "unknown",
    "ro.carrier": "unknown",
    "ro.boot.verifiedbootstate": "orange",
    "ro.boot.vbmeta.device_state": "unlocked",
    "ro.zygote": "zygote64",
    "ro.config.ringtone": "Ring_Synth_04.ogg",
    "ro.setupwizard.mode": "DISABLED",
    "dalvik.vm.heapsize": "512m",
    "dalvik.vm.heapgrowthlimit": "192m",
    "ro.dalvik.vm.native.bridge": "0",
    "qemu.hw.mainkeys": "0",
  };
}

function running(model: Model): Record<string, string> {
  return {
    "dev.bootcomplete": "1",
    "init.svc.adbd": "running",
    "init.svc.bootanim": "stopped",
    "init.svc.logd": "running",
    "init.svc.netd": "running",
    "init.svc.servicemanager": "running",
    "init.svc.surfaceflinger": "running",
    "init.svc.vold": "running",
    "init.svc.zygote": "running",
    "gsm.operator.alpha": "",
    "gsm.sim.state": "ABSENT",
    "net.bt.name": "Android",
    "persist.sys.locale": model.locale,
    "persist.sys.timezone":
      model.locale === "zh-CN" ? "Asia/Shanghai" : model.locale === "fr-FR" ? "Europe/Paris" : "Europe/London",
    "persist.sys.usb.config": "adb",
    "ro.boottime.init": "1200000000",
    "service.adb.root": "0",
    "service.bootanim.exit": "1",
    "sys.boot_completed": "1",
    "sys.usb.config": "adb",
    "sys.usb.state": "adb",
    "wifi.interface": "wlan0",
  };
}
