/** What scrcpy's server prints for list_encoders and its sisters, before it exits. scrcpy v3.3.1, server/src/main/java/com/genymobile/scrcpy/util/LogUtils.java. */
import type { ScrcpyServerOptions } from "@phonerack/android-wire/scrcpy";
import type { Phone } from "../phone/phone.js";
import type { ServerLog } from "./server-log.js";

export function printLists(phone: Phone, lists: ScrcpyServerOptions["lists"], log: ServerLog): void {
  for (const list of lists) log.info(lines(phone, list));
}

function lines(phone: Phone, list: ScrcpyServerOptions["lists"][number]): string {
  switch (list) {
    case "encoders": {
      const audio = phone.sound.capturable ? "\n    --audio-codec=opus --audio-encoder=c2.phonerack.opus.encoder       (sw)" : "";
      return `List of video encoders:\n    --video-codec=h264 --video-encoder=c2.phonerack.avc.encoder        (sw)\nList of audio encoders:${audio}`;
    }
    case "displays": {
      const { width, height } = phone.screen.size();
      return `List of displays:\n    --display-id=0    (${width}x${height})`;
    }
    case "apps": {
      const apps = phone.packages.launchable();
      return `List of apps:${apps.map((app) => `\n ${app.system ? "*" : "-"} ${app.label.padEnd(30)} ${app.package}`).join("")}`;
    }
    case "cameras":
    case "camera_sizes":
      return "List of cameras:\n    (none)";
  }
}
