/** What USB phones need: adb, its server, and the right to open the devices. Reads /sys and /dev itself; starts no adb server. */
import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, readdir, readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { chooseAdb } from "../adb-program.js";
import { type Finding, fail, ok, warn } from "./finding.js";

const run = promisify(execFile);
const ADB_PORT = 5037;

/** USB vendor ids of makers of Android phones and their chips, as Debian's android-sdk-platform-tools-common lists them. */
const VENDORS = new Set(
  "04e8 18d1 22b8 12d1 2717 2a70 1004 0bb4 0fce 0b05 17ef 19d2 1bbb 2916 22d9 2d95 05c6 0e8d 1782 2207 1f3a 8087 2ae5 29a9 2e04".split(
    " ",
  ),
);

export async function adb(): Promise<Finding[]> {
  const chosen = chooseAdb(undefined, false);
  if (!chosen.enabled || !chosen.path)
    return [
      warn("adb", "adb is not installed: no phones on USB", "Debian: apt-get install adb; nothing for network boards alone"),
    ];
  const { stdout } = await run(chosen.path, ["version"], { timeout: 5_000 }).catch((error: Error) => ({ stdout: error.message }));
  const version = /^Version (\S+)/m.exec(stdout)?.[1] ?? /version (\S+)/.exec(stdout)?.[1];
  if (version === undefined) return [fail("adb", `${chosen.path} does not start: ${stdout.split("\n")[0]}`, "install adb anew")];
  if (!(await listens(ADB_PORT))) return [ok("adb", version), ok("adb server", `none on ${ADB_PORT}: the agent starts one`)];
  return [ok("adb", version), await phones(chosen.path)];
}

async function phones(program: string): Promise<Finding> {
  // A server runs, so this starts none.
  const { stdout } = await run(program, ["devices"], { timeout: 10_000 }).catch(() => ({ stdout: "" }));
  const lines = stdout
    .split("\n")
    .slice(1)
    .filter((line) => line.includes("\t"));
  const refused = lines.filter((line) => line.includes("no permissions"));
  const says = `runs on ${ADB_PORT} and sees ${lines.length} ${lines.length === 1 ? "phone" : "phones"}`;
  if (refused.length === 0) return ok("adb server", says);
  return fail(
    "adb server",
    `${says}, ${refused.length} of which it may not open`,
    "install the udev rules, then 'adb kill-server'",
  );
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.setTimeout(1_000, () => socket.destroy());
    socket.once("error", () => resolve(false)).once("close", () => resolve(false));
  });
}

export interface UsbPaths {
  readonly devices: string;
  readonly nodes: string;
  readonly rules: readonly string[];
}

const PATHS: UsbPaths = {
  devices: "/sys/bus/usb/devices",
  nodes: "/dev/bus/usb",
  rules: ["/etc/udev/rules.d", "/lib/udev/rules.d", "/usr/lib/udev/rules.d"],
};

/** Whether Android phones that are plugged in may be opened by this user, and rules are there for those that come. */
export async function udev(paths: UsbPaths = PATHS): Promise<Finding> {
  const seen = await androidNodes(paths);
  const closed: string[] = [];
  for (const node of seen) await access(node, constants.R_OK | constants.W_OK).catch(() => closed.push(node));
  const todo = "install deploy/udev/51-phonerack.rules, add this user to the group plugdev, and plug the phones in again";
  if (closed.length > 0) return fail("udev rules", `this user may not open ${closed.join(", ")}, where Android phones are`, todo);
  const rules = await ruleFile(paths.rules);
  const plugged = `${seen.length} Android ${seen.length === 1 ? "phone is" : "phones are"} plugged in`;
  if (rules !== undefined) return ok("udev rules", `${rules}; ${plugged}`);
  if (process.getuid?.() === 0) return ok("udev rules", `none, which root does not need; ${plugged}`);
  return warn("udev rules", `none for Android phones; ${plugged}`, todo);
}

async function androidNodes({ devices, nodes }: UsbPaths): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(devices).catch(() => [])) {
    const read = async (file: string) => (await readFile(join(devices, name, file), "utf8").catch(() => "")).trim();
    if (!VENDORS.has(await read("idVendor")) || (await read("bDeviceClass")) === "09") continue;
    const [bus, device] = [await read("busnum"), await read("devnum")];
    if (bus && device) found.push(join(nodes, bus.padStart(3, "0"), device.padStart(3, "0")));
  }
  return found;
}

async function ruleFile(folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders)
    for (const name of await readdir(folder).catch(() => [])) if (/android|phonerack|adb/.test(name)) return join(folder, name);
  return undefined;
}
