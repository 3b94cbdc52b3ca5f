/** Does one action on one phone. Each noun does its own; here is only who does what. */
import { type ActionResult, type DeviceAction, PhonerackError } from "@phonerack/contract/bus";
import { setClipboard } from "../clipboard/clipboard.js";
import { makeFolder, move, remove } from "../files/changes.js";
import { put } from "../files/put.js";
import { clear, launch, permission, stop, uninstall } from "../packages/actions.js";
import { install } from "../packages/install.js";
import type { Locations } from "../settings/locations.js";
import { changeSettings } from "../settings/settings.js";
import { runCommand } from "./command.js";
import type { Doing } from "./doing.js";
import { openLink } from "./open-link.js";
import { reboot } from "./reboot.js";

/** What this agent's nouns keep between actions. */
export interface Own {
  readonly locations: Locations;
}

export async function perform(doing: Doing, action: DeviceAction, { locations }: Own): Promise<ActionResult> {
  switch (action.type) {
    case "shell":
      return runCommand(doing, action);
    case "link":
      return openLink(doing, action);
    case "reboot":
      return reboot(doing);
    case "settings":
      return changeSettings(doing, action, locations);
    case "clipboard":
      return setClipboard(doing, action);
    case "put":
      return put(doing, action);
    case "make-folder":
      return makeFolder(doing, action);
    case "move":
      return move(doing, action);
    case "remove":
      return remove(doing, action);
    case "install":
      return install(doing, action);
    case "uninstall":
      return uninstall(doing, action);
    case "launch":
      return launch(doing, action);
    case "stop":
      return stop(doing, action);
    case "clear":
      return clear(doing, action);
    case "permission":
      return permission(doing, action);
    case "screenshot":
    case "record":
    case "keep-last":
    case "save-last":
    case "log":
    case "get":
      // Control takes and keeps them: the agent has no artifacts.
      throw new PhonerackError("bad_request", "this is control's to keep");
  }
}
