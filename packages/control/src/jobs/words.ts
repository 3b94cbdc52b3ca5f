/** Actions in words, how long each may take, and what of the lab's files each needs. */
import type { ApkFile, DeviceAction } from "@phonerack/contract/bus";

const LONGEST = 120;
const MINUTE_MS = 60_000;
/** For a fence to close first. */
const FENCE_MS = 60_000;

/** E.g. `install com.example.notes`; without what was typed. */
export function wordsOf(action: DeviceAction): string {
  return cut(sentence(action));
}

function sentence(action: DeviceAction): string {
  switch (action.type) {
    case "install":
    case "uninstall":
    case "launch":
    case "stop":
    case "clear":
      return `${action.type} ${action.package}`;
    case "permission":
      return `${action.granted ? "grant" : "revoke"} ${action.permission} of ${action.package}`;
    case "link":
      return `open ${action.url}`;
    case "shell":
      return `run ${action.command}`;
    case "put":
      return `write ${action.path}`;
    case "make-folder":
      return `make the folder ${action.path}`;
    case "move":
      return `move ${action.path} to ${action.to}`;
    case "remove":
      return `remove ${action.path}`;
    case "settings":
      return `set ${Object.keys(action.settings).join(", ")}`;
    case "clipboard":
      return "set the clipboard";
    case "screenshot":
      return "take a screenshot";
    case "record":
      return action.on ? "record" : "end the recording";
    case "keep-last":
      return action.seconds === 0 ? "keep the last seconds no more" : `keep the last ${action.seconds} s`;
    case "save-last":
      return `save the last ${action.seconds} s`;
    case "log":
      return "keep the log";
    case "get":
      return `keep ${action.path}`;
    case "reboot":
      return "restart";
  }
}

/** From its beginning on the agent. */
export function timeOf(action: DeviceAction): number {
  switch (action.type) {
    case "shell":
      return action.timeoutMs + 2 * FENCE_MS;
    case "install":
    case "put":
      return 30 * MINUTE_MS;
    // As long as the agent gives them, and its fence.
    case "move":
    case "remove":
      return 15 * MINUTE_MS + FENCE_MS;
    case "reboot":
      return 10 * MINUTE_MS;
    default:
      return 2 * MINUTE_MS + FENCE_MS;
  }
}

/** What must lie on the phone's host before it begins. */
export function filesOf(action: DeviceAction): readonly Pick<ApkFile, "sha256" | "size">[] {
  if (action.type === "install") return action.files;
  // These two fields alone: the action's type is not the file's.
  return action.type === "put" ? [{ sha256: action.sha256, size: action.size }] : [];
}

function cut(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1)}…`;
}
