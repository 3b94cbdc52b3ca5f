/** Does one action on one phone. Each noun does its own; here is only who does what, and what a noun is given for it. */
import { type ActionResult, type DeviceAction, PhonerackError } from "@phonerack/contract/bus";
import type { Blobs } from "../blobs/blobs.js";
import { setClipboard } from "../clipboard/clipboard.js";
import { makeFolder, move, remove } from "../files/changes.js";
import { put } from "../files/put.js";
import { clear, launch, permission, stop, uninstall } from "../packages/actions.js";
import { install } from "../packages/install.js";
import type { Locations } from "../settings/locations.js";
import { changeSettings } from "../settings/settings.js";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";
import { runCommand } from "./command.js";
import { openLink } from "./open-link.js";
import { reboot } from "./reboot.js";

/** What an action is given. The phone is fenced already where the mode asks for it; the gate is each action's own to ask (`allowed.ts`). */
export interface Doing {
  readonly phone: PhoneAtWork;
  readonly blobs: Blobs;
  readonly actor: string;
  readonly epoch: number;
  readonly mode: "unicast" | "group" | "script";
  readonly agreed: boolean;
  readonly trial: boolean;
  /** Aborted when the lease ends, the phone is lost, or its time is up; its reason is the error. */
  readonly signal: AbortSignal;
  /** 0 to 1 and what it does, in words. */
  progress(part: number | null, note?: string): void;
}

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
      // Control takes it and keeps it: the agent has no artifacts.
      throw new PhonerackError("bad_request", "a screenshot is control's to take");
  }
}
