/** svc: switches of the phone that the shell may throw (power, Wi-Fi, mobile data, Bluetooth, NFC, USB). */
import type { Call } from "../command.js";

export const onOff = (text: string | undefined): boolean | undefined =>
  ({ enable: true, on: true, true: true, yes: true, disable: false, off: false, false: false, no: false })[text ?? ""];

export async function svcPower(call: Call, [verb, wanted]: readonly string[]): Promise<number> {
  const { power, settings: store } = call.phone;
  switch (verb) {
    case "stayon": {
      const bits = { true: "7", false: "0", ac: "1", usb: "2", wireless: "4" }[wanted ?? ""];
      if (bits === undefined) return call.complain("usage: svc power stayon [true|false|usb|ac|wireless|dock]", 255);
      store.put("global", "stay_on_while_plugged_in", bits);
      if (bits !== "0") power.wakeUp();
      return 0;
    }
    case "reboot":
    case "shutdown":
      call.host.reboot(wanted ?? "");
      return 0;
    case "forcesuspend":
      return 0;
    default:
      return call.complain("Control the power manager\n\nusage: svc power stayon [true|false|usb|ac|wireless|dock]", 255);
  }
}

export async function svc(call: Call): Promise<number> {
  const [what, ...args] = call.args;
  const { settings: store } = call.phone;
  const toggle = (key: string): number | Promise<number> => {
    const on = onOff(args[0]);
    if (on === undefined) return call.complain(`usage: svc ${what} [enable|disable]`, 255);
    store.put("global", key, on ? "1" : "0");
    return 0;
  };
  switch (what) {
    case "power":
      return svcPower(call, args);
    case "wifi": {
      const on = onOff(args[0]);
      if (on === undefined) return call.complain("usage: svc wifi [enable|disable]", 255);
      call.phone.radios.setWifi(on);
      return 0;
    }
    case "data":
      return toggle("mobile_data");
    case "bluetooth":
      return toggle("bluetooth_on");
    case "nfc":
      return toggle("nfc_on");
    case "usb":
      return args[0] === "getFunctions" ? call.complain("") : 0;
    default:
      return call.complain(
        "Available commands:\n    help     Show information about the subcommands\n    power    Control the power manager\n    data     Control mobile data connectivity\n    wifi     Control the Wi-Fi manager\n    usb      Control Usb state\n    nfc      Control NFC functions\n    bluetooth Control Bluetooth service",
        what === "help" ? 0 : 255,
      );
  }
}
