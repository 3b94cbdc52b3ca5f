/**
 * What a phone's disk holds before anybody touches it: Android's folders with their owners and modes, the programs in /system/bin, the
 * APKs of system packages, /proc. Built once per model and shared by all its phones; file-system.ts copies from it on write.
 */

import { type DirNode, FILE_TYPE, type FileNode, type LinkNode, type LiveFolder, type Node, OWNER } from "./node.js";
import { liveProcessFolders } from "./process-folders.js";

export interface BaseImageParts {
  /** Seconds since the Unix epoch: the build's date, which all its files carry. */
  builtAt: number;
  buildProp: string;
  /** Programs that are links to toybox, and those that are files of their own. */
  programs: { toybox: readonly string[]; own: readonly string[] };
  /** System APKs by their full paths; made when first read. */
  apks: ReadonlyMap<string, () => Uint8Array>;
}

type Facts = { mode?: number; uid?: number; gid?: number };

/** The first 20 bytes of any 64-bit ARM program, for `file` and for whoever looks. */
const ELF = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0xb7, 0]);

class Builder {
  #ino = 1;
  readonly #builtAt: number;

  constructor(builtAt: number) {
    this.#builtAt = builtAt;
  }

  dir(children: Record<string, Node> = {}, facts: Facts & { readOnly?: boolean; live?: LiveFolder } = {}): DirNode {
    const { readOnly, live } = facts;
    return {
      ...this.#facts(FILE_TYPE.dir | (facts.mode ?? 0o755), facts),
      kind: "dir",
      children: new Map(Object.entries(children)),
      ...(readOnly === undefined ? {} : { readOnly }),
      ...(live ? { live } : {}),
    };
  }

  file(content: FileNode["content"] | string, facts: Facts = {}): FileNode {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    return { ...this.#facts(FILE_TYPE.file | (facts.mode ?? 0o644), facts), kind: "file", content: bytes };
  }

  link(target: string): LinkNode {
    return { ...this.#facts(FILE_TYPE.link | 0o777, {}), kind: "link", target };
  }

  #facts(mode: number, { uid = OWNER.root, gid = OWNER.root }: Facts) {
    return { ino: this.#ino++, mode, uid, gid, mtime: this.#builtAt, owner: null };
  }
}

/** @returns the root folder; share it between phones of one model. */
export function baseImage(parts: BaseImageParts): DirNode {
  const make = new Builder(parts.builtAt);
  const links: Record<string, string> = {
    bin: "/system/bin",
    bugreports: "/data/user_de/0/com.android.shell/files/bugreports",
    d: "/sys/kernel/debug",
    etc: "/system/etc",
    sdcard: "/storage/self/primary",
  };
  const root = make.dir(
    {
      ...Object.fromEntries(Object.entries(links).map(([name, target]) => [name, make.link(target)])),
      acct: make.dir({}, { mode: 0o555 }),
      apex: make.dir(),
      cache: make.dir({}, { mode: 0o770, uid: OWNER.system, gid: 2001 }),
      config: make.dir({}, { mode: 0o555 }),
      data: dataFolder(make),
      dev: devFolder(make),
      mnt: mntFolder(make),
      odm: make.dir({}, { readOnly: true }),
      oem: make.dir({}, { readOnly: true }),
      proc: procFolder(make),
      product: make.dir({}, { readOnly: true }),
      storage: storageFolder(make),
      sys: sysFolder(make),
      system: systemFolder(make, parts),
      system_ext: make.dir({}, { readOnly: true }),
      vendor: make.dir({ bin: make.dir({}, { gid: OWNER.shell }), etc: make.dir() }, { gid: OWNER.shell, readOnly: true }),
    },
    { readOnly: true },
  );
  for (const [path, bytes] of parts.apks) addApk(make, root, { path, bytes });
  return root;
}

function dataFolder(make: Builder): DirNode {
  const system = { uid: OWNER.system, gid: OWNER.system };
  return make.dir(
    {
      anr: make.dir({}, { mode: 0o775, ...system }),
      app: make.dir({}, { mode: 0o771, ...system }),
      data: make.dir({}, { mode: 0o771, ...system }),
      local: make.dir(
        {
          tests: make.dir({}, { mode: 0o771, uid: OWNER.shell, gid: OWNER.shell }),
          tmp: make.dir({}, { mode: 0o771, uid: OWNER.shell, gid: OWNER.shell }),
          traces: make.dir({}, { mode: 0o777, uid: OWNER.shell, gid: OWNER.shell }),
        },
        { mode: 0o751 },
      ),
      media: make.dir({}, { mode: 0o770, uid: OWNER.mediaRw, gid: OWNER.mediaRw }),
      misc: make.dir({}, { mode: 0o771, uid: OWNER.system, gid: 9998 }),
      system: make.dir({}, { mode: 0o775, ...system }),
      user: make.dir({ 0: make.link("/data/data") }, { mode: 0o711, ...system }),
      user_de: make.dir(
        { 0: make.dir({ "com.android.shell": shellData(make) }, { mode: 0o771, ...system }) },
        { mode: 0o711, ...system },
      ),
    },
    { mode: 0o771, ...system, readOnly: false },
  );
}

/** What the app behind adb's shell keeps; its own user may go in. */
function shellData(make: Builder): DirNode {
  const own = { uid: OWNER.shell, gid: OWNER.shell };
  return make.dir({ files: make.dir({ bugreports: make.dir({}, own) }, own) }, { mode: 0o700, ...own });
}

function devFolder(make: Builder): DirNode {
  const device = (mode = 0o666): FileNode => ({ ...make.file(new Uint8Array(0), { mode }), mode: FILE_TYPE.char | mode });
  return make.dir({ full: device(), null: device(), random: device(), tty: device(), urandom: device(), zero: device() });
}

/** /sdcard → /storage/self/primary → /mnt/user/0/primary → /storage/emulated/0, the way it is since Android 6. */
function mntFolder(make: Builder): DirNode {
  const user = make.dir({ 0: make.dir({ primary: make.link("/storage/emulated/0") }) });
  return make.dir(
    { sdcard: make.link("/storage/self/primary"), user, vendor: make.dir() },
    { uid: OWNER.root, gid: OWNER.system },
  );
}

function storageFolder(make: Builder): DirNode {
  const media = { mode: 0o770, uid: OWNER.root, gid: OWNER.mediaRw };
  const names = [
    "Alarms",
    "Android",
    "DCIM",
    "Documents",
    "Download",
    "Movies",
    "Music",
    "Notifications",
    "Pictures",
    "Podcasts",
    "Ringtones",
  ];
  const folders = Object.fromEntries(names.map((name) => [name, make.dir({}, media)]));
  folders.Android = make.dir({ data: make.dir({}, media), media: make.dir({}, media), obb: make.dir({}, media) }, media);
  // The shell is a member of media_rw's group for this mount only (FUSE checks 1015/1023 itself): give it the group it has.
  const emulated = make.dir(
    { 0: make.dir(folders, media) },
    { mode: 0o711, uid: OWNER.root, gid: OWNER.mediaRw, readOnly: false },
  );
  return make.dir({ emulated, self: make.dir({ primary: make.link("/mnt/user/0/primary") }) }, { gid: OWNER.everybody });
}

function procFolder(make: Builder): DirNode {
  const names = ["cpuinfo", "filesystems", "loadavg", "meminfo", "mounts", "stat", "uptime", "version"];
  const live = (path: string): FileNode => make.file({ live: (source) => source.text(path) }, { mode: 0o444 });
  const files = Object.fromEntries(names.map((name) => [name, live(`/proc/${name}`)]));
  const net = make.dir({ dev: live("/proc/net/dev") }, { mode: 0o555 });
  const kernel = make.dir(
    { random: make.dir({ boot_id: live("/proc/sys/kernel/random/boot_id") }, { mode: 0o555 }) },
    { mode: 0o555 },
  );
  const secret = make.file("", { mode: 0o440 });
  return make.dir(
    { ...files, cmdline: secret, net, sys: make.dir({ kernel }, { mode: 0o555 }) },
    { mode: 0o555, live: liveProcessFolders },
  );
}

/** What the kernel tells of the hardware, as far as it lets the shell read it. */
function sysFolder(make: Builder): DirNode {
  const live = (path: string): FileNode => make.file({ live: (source) => source.text(path) }, { mode: 0o444 });
  const emmc = { cid: live("/sys/block/mmcblk0/device/cid"), type: live("/sys/block/mmcblk0/device/type") };
  return make.dir(
    {
      block: make.dir({ mmcblk0: make.dir({ device: make.dir(emmc) }) }),
      class: make.dir({ net: make.dir({ wlan0: make.dir({ address: live("/sys/class/net/wlan0/address") }) }) }),
      devices: make.dir({ soc0: make.dir({ serial_number: live("/sys/devices/soc0/serial_number") }) }),
      kernel: make.dir({ debug: make.dir({}, { mode: 0o700 }) }),
    },
    { readOnly: true },
  );
}

function systemFolder(make: Builder, parts: BaseImageParts): DirNode {
  const program = { mode: 0o755, gid: OWNER.shell };
  const bin: Record<string, Node> = { sh: make.file(ELF, program), toybox: make.file(ELF, program) };
  for (const name of parts.programs.own) bin[name] ??= make.file(ELF, program);
  for (const name of parts.programs.toybox) bin[name] ??= make.link("toybox");
  return make.dir(
    {
      app: make.dir(),
      bin: make.dir(bin, { mode: 0o755, gid: OWNER.shell }),
      "build.prop": make.file(parts.buildProp, { mode: 0o600 }),
      etc: make.dir({ hosts: make.file("127.0.0.1       localhost\n::1             ip6-localhost\n") }),
      fonts: make.dir(),
      framework: make.dir(),
      lib: make.dir(),
      lib64: make.dir(),
      media: make.dir(),
      "priv-app": make.dir(),
      usr: make.dir(),
    },
    { readOnly: true },
  );
}

function addApk(make: Builder, root: DirNode, { path, bytes }: { path: string; bytes: () => Uint8Array }): void {
  const names = path.split("/").filter(Boolean);
  let dir = root;
  for (const name of names.slice(0, -1)) {
    const known = dir.children.get(name);
    const next = known?.kind === "dir" ? known : make.dir();
    dir.children.set(name, next);
    dir = next;
  }
  const last = names.at(-1);
  if (last) dir.children.set(last, make.file({ bytes }));
}
