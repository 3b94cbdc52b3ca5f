/**
 * One phone's files: a tree that starts as the shared base image and is copied, folder by folder, where the phone changes it. Knows
 * links, modes, owners, mounts that are read-only, and how full the phone is; errors are Linux's. What the base holds is base-image.ts,
 * where the bytes go is content.ts, what adb wants of it is adb-files.ts.
 */
import { FileError, type FileStat } from "../adbd/services.js";
import { Content, type Storage } from "./content.js";
import {
  type DirNode,
  FILE_TYPE,
  type FileNode,
  isLive,
  isMade,
  type LinkNode,
  type LiveSource,
  type Node,
  OWNER,
  type OwnDir,
  type OwnFile,
} from "./node.js";

/** Who asks. Root is the phone itself. */
export interface Credentials {
  readonly uid: number;
  readonly groups: ReadonlySet<number>;
}
export const ROOT: Credentials = { uid: OWNER.root, groups: new Set([OWNER.root]) };
/** The groups that adbd gives its shell (as `id` lists them). */
export const SHELL_GROUPS: readonly number[] = [
  1004, 1007, 1011, 1015, 1028, 1078, 1079, 3001, 3002, 3003, 3006, 3009, 3011, 3012,
];
/** The shell user; media_rw is not its group, but the FUSE daemon behind /sdcard lets it in as if it were. */
export const SHELL: Credentials = { uid: OWNER.shell, groups: new Set([OWNER.shell, OWNER.mediaRw, ...SHELL_GROUPS]) };

const MAX_LINKS = 40;
const MAX_NODES = 50_000;
const MAX_NAME = 255;
const MAX_PATH = 4096;
const READ = 4;
const WRITE = 2;
const SEARCH = 1;

interface Walk {
  readonly as: Credentials;
  /** Whether a last link is followed. */
  readonly follow: boolean;
}

/** Where a name stands or would stand. */
interface Place {
  readonly dir: DirNode;
  /** Canonical path of the folder, "" for the root. */
  readonly dirPath: string;
  readonly name: string;
  readonly node: Node | undefined;
  /** Whether a mount above it is read-only. */
  readonly readOnly: boolean;
}

export interface PhoneFilesParts {
  base: DirNode;
  storage: Storage;
  live: LiveSource;
  /** Milliseconds since the Unix epoch. */
  now: () => number;
}

export class PhoneFiles {
  readonly storage: Storage;
  readonly #live: LiveSource;
  readonly #now: () => number;
  readonly #base: DirNode;
  #root: DirNode;
  #nextIno = 100_000;
  #ownNodes = 0;

  constructor(parts: PhoneFilesParts) {
    this.storage = parts.storage;
    this.#live = parts.live;
    this.#now = parts.now;
    this.#base = parts.base;
    this.#root = parts.base;
  }

  /** @throws FileError */
  node(path: string, options: Partial<Walk> = {}): Node {
    const place = this.#find(path, { as: options.as ?? SHELL, follow: options.follow ?? true });
    if (!place.node) throw new FileError("ENOENT", path);
    return place.node;
  }

  exists(path: string, as: Credentials = SHELL): boolean {
    try {
      return Boolean(this.#find(path, { as, follow: true }).node);
    } catch {
      return false;
    }
  }

  /** Canonical path, links resolved. @throws FileError */
  realPath(path: string, as: Credentials = SHELL): string {
    const place = this.#find(path, { as, follow: true });
    if (!place.node) throw new FileError("ENOENT", path);
    return place.name === "" ? place.dirPath || "/" : `${place.dirPath}/${place.name}`;
  }

  stat(path: string, options: Partial<Walk> = {}): FileStat {
    return this.statOf(this.node(path, options));
  }

  statOf(node: Node): FileStat {
    const { mode, mtime, uid, gid, ino } = node;
    const nlink = node.kind === "dir" ? 2 : 1;
    return { mode, size: this.#sizeOf(node), mtime, atime: mtime, ctime: mtime, uid, gid, ino, nlink };
  }

  /** Names in a folder, unsorted, without "." and "..". @throws FileError */
  list(path: string, as: Credentials = SHELL): Map<string, Node> {
    const node = this.node(path, { as });
    if (node.kind !== "dir") throw new FileError("ENOTDIR", path);
    if (!allows(node, READ, as)) throw new FileError("EACCES", path);
    return node.live ? new Map([...node.children, ...node.live.list(this.#live)]) : node.children;
  }

  /** Whether `as` may read (4), write (2) or search (1) it, for `test -r` and friends. */
  may(path: string, want: number, as: Credentials = SHELL): boolean {
    try {
      const place = this.#find(path, { as, follow: true });
      return Boolean(place.node && allows(place.node, want, as) && !(want === WRITE && place.readOnly));
    } catch {
      return false;
    }
  }

  /** The bytes of a file. Rejects before the first chunk when it cannot be read. */
  open(path: string, as: Credentials = SHELL): AsyncIterable<Uint8Array> {
    const node = this.node(path, { as });
    if (node.kind === "dir") throw new FileError("EISDIR", path);
    if (node.kind !== "file" || !allows(node, READ, as)) throw new FileError("EACCES", path);
    return this.#bytesOf(node);
  }

  /** The whole of a small file. @throws FileError, also EINVAL above `limit` bytes. */
  async readAll(path: string, options: { as?: Credentials; limit?: number } = {}): Promise<Buffer> {
    const limit = options.limit ?? 16 * 1024 * 1024;
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of this.open(path, options.as)) {
      size += chunk.length;
      if (size > limit) throw new FileError("EINVAL", path);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  /** The content behind a file the phone wrote; undefined for the base image's. */
  contentOf(path: string, as: Credentials = SHELL): Content | undefined {
    const node = this.node(path, { as });
    return node.kind === "file" && node.content instanceof Content ? node.content : undefined;
  }

  /**
   * Opens a file for writing: made if absent, emptied unless `append`. Bytes go to the returned content; call `settle` when done.
   * @throws FileError
   */
  openForWriting(
    path: string,
    options: { append?: boolean; mode?: number; as?: Credentials } = {},
  ): { file: OwnFile; content: Content } {
    const as = options.as ?? SHELL;
    const place = this.#find(path, { as, follow: true });
    if (place.node) {
      const file = this.#ownFile(place, { as, path });
      if (file.content instanceof Content && (options.append || file.content.size === 0)) return { file, content: file.content };
      const content = new Content(this.storage);
      if (file.content instanceof Content) void file.content.drop();
      file.content = content;
      file.mtime = this.#seconds();
      return { file, content };
    }
    const content = new Content(this.storage);
    const file = this.#newNode(place, { as, path, mode: FILE_TYPE.file | ((options.mode ?? 0o644) & 0o7777) });
    const own: OwnFile = { ...file, kind: "file", content };
    this.#put(place, own);
    return { file: own, content };
  }

  /** Writes a small file whole. @throws FileError */
  async writeAll(path: string, bytes: Uint8Array, options: { mode?: number; as?: Credentials } = {}): Promise<void> {
    const { content } = this.openForWriting(path, options);
    await content.append(bytes);
    await content.settle();
  }

  /** Puts finished content under a name, replacing a file that is there. @throws FileError */
  attach(path: string, content: Content, options: { mode: number; mtime?: number; as?: Credentials }): void {
    const as = options.as ?? SHELL;
    const place = this.#find(path, { as, follow: true });
    const mtime = options.mtime ?? this.#seconds();
    if (place.node) {
      const file = this.#ownFile(place, { as, path });
      if (file.content instanceof Content && file.content !== content) void file.content.drop();
      Object.assign(file, { content, mtime, mode: isMedia(file) ? file.mode : FILE_TYPE.file | (options.mode & 0o7777) });
      return;
    }
    const facts = this.#newNode(place, { as, path, mode: FILE_TYPE.file | (options.mode & 0o7777) });
    this.#put(place, { ...facts, mtime, kind: "file", content });
  }

  /** @param options.parents as `mkdir -p`: no error when it is there. @throws FileError */
  mkdir(path: string, options: { parents?: boolean; mode?: number; as?: Credentials; gid?: number; uid?: number } = {}): void {
    const as = options.as ?? SHELL;
    if (options.parents) {
      const parent = parentOf(path);
      if (parent !== path && !this.exists(parent, as)) this.mkdir(parent, options);
    }
    const place = this.#find(path, { as, follow: true });
    if (place.node) {
      if (options.parents && place.node.kind === "dir") return;
      throw new FileError("EEXIST", path);
    }
    const facts = this.#newNode(place, { as, path, mode: FILE_TYPE.dir | ((options.mode ?? 0o771) & 0o7777) });
    this.#put(place, {
      ...facts,
      uid: options.uid ?? facts.uid,
      gid: options.gid ?? facts.gid,
      kind: "dir",
      children: new Map(),
    });
  }

  /** @throws FileError */
  symlink(target: string, path: string, as: Credentials = SHELL): void {
    const place = this.#find(path, { as, follow: false });
    if (place.node) throw new FileError("EEXIST", path);
    const facts = this.#newNode(place, { as, path, mode: FILE_TYPE.link | 0o777 });
    this.#put(place, { ...facts, kind: "link", target });
  }

  /** Removes a file, a link or an empty folder; a full folder only when `recursive`. @throws FileError */
  remove(path: string, options: { recursive?: boolean; as?: Credentials } = {}): void {
    const as = options.as ?? SHELL;
    const place = this.#find(path, { as, follow: false });
    if (!place.node) throw new FileError("ENOENT", path);
    this.#mustWrite(place, as, path);
    if (place.node.kind === "dir") {
      if (place.node.live || place.name === "") throw new FileError("EACCES", path);
      if (place.node.children.size > 0 && !options.recursive) throw new FileError("ENOTEMPTY", path);
      if (place.node.children.size > 0 && !allows(place.node, WRITE | SEARCH, as)) throw new FileError("EACCES", path);
    }
    this.#ownDir(place.dirPath).children.delete(place.name);
    this.#release(place.node);
  }

  /** Moves within the phone, replacing a file (or, with a folder, an empty folder) that is there. @throws FileError */
  rename(from: string, to: string, as: Credentials = SHELL): void {
    const source = this.#find(from, { as, follow: false });
    if (!source.node) throw new FileError("ENOENT", from);
    this.#mustWrite(source, as, from);
    const target = this.#find(to, { as, follow: false });
    this.#mustWrite(target, as, to);
    if (target.node === source.node) return;
    const [fromPath, toPath] = [`${source.dirPath}/${source.name}/`, `${target.dirPath}/${target.name}/`];
    if (source.node.kind === "dir" && toPath.startsWith(fromPath)) throw new FileError("EINVAL", to);
    if (target.node?.kind === "dir") {
      if (source.node.kind !== "dir") throw new FileError("EISDIR", to);
      if (target.node.children.size > 0) throw new FileError("ENOTEMPTY", to);
    } else if (target.node && source.node.kind === "dir") {
      throw new FileError("ENOTDIR", to);
    }
    if (target.node) this.#release(target.node);
    const moved = this.#owned(source.node);
    this.#ownDir(source.dirPath).children.delete(source.name);
    this.#ownDir(target.dirPath).children.set(target.name, moved);
  }

  /** Sets permission bits or times; only the owner may. @throws FileError */
  change(path: string, values: { mode?: number; mtime?: number; uid?: number; gid?: number }, as: Credentials = SHELL): void {
    const place = this.#find(path, { as, follow: true });
    if (!place.node) throw new FileError("ENOENT", path);
    if (place.readOnly) throw new FileError("EROFS", path);
    // On shared storage everybody who may write may set times, and modes stay what the FUSE daemon says.
    const media = isMedia(place.node) && allows(place.node, WRITE, as);
    if (as.uid !== OWNER.root && place.node.uid !== as.uid && !media) throw new FileError("EPERM", path);
    const own = this.#owned(place.node);
    if (place.name === "") return;
    this.#ownDir(place.dirPath).children.set(place.name, own);
    const mode = values.mode === undefined || isMedia(own) ? own.mode : (own.mode & FILE_TYPE.mask) | (values.mode & 0o7777);
    Object.assign(own, { ...values, mode });
  }

  /** Everything as new: `/data` and `/sdcard` wiped. */
  reset(): void {
    this.#release(this.#root);
    this.#root = this.#base;
    this.#ownNodes = 0;
  }

  #seconds(): number {
    return Math.floor(this.#now() / 1000);
  }

  #sizeOf(node: Node): number {
    if (node.kind === "dir") return 4096;
    if (node.kind === "link") return Buffer.byteLength(node.target);
    if (node.content instanceof Content) return node.content.size;
    // The kernel's own files say 0 and are read to their end.
    if (isMade(node.content)) return node.content.bytes().length;
    return isLive(node.content) ? 0 : node.content.length;
  }

  #bytesOf(node: FileNode): AsyncIterable<Uint8Array> {
    const { content } = node;
    if (content instanceof Content) return content.read();
    if (isMade(content)) return once(content.bytes());
    return once(isLive(content) ? Buffer.from(content.live(this.#live)) : content);
  }

  #find(path: string, walk: Walk): Place {
    if (path.length > MAX_PATH) throw new FileError("EINVAL", path);
    const pending = path.split("/").reverse();
    const above: { dir: DirNode; name: string; readOnly: boolean }[] = [];
    let at = { dir: this.#root, name: "", readOnly: Boolean(this.#root.readOnly) };
    let links = 0;
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (name === "" || name === ".") continue;
      if (name === "..") {
        at = above.pop() ?? at;
        continue;
      }
      if (name.length > MAX_NAME) throw new FileError("EINVAL", path);
      if (!allows(at.dir, SEARCH, walk.as)) throw new FileError("EACCES", path);
      const node: Node | undefined = at.dir.children.get(name) ?? at.dir.live?.list(this.#live).get(name);
      const last = pending.every((rest) => rest === "" || rest === ".");
      if (node?.kind === "link" && (!last || walk.follow || pending.length > 0)) {
        if (++links > MAX_LINKS) throw new FileError("ELOOP", path);
        if (node.target.startsWith("/")) {
          above.length = 0;
          at = { dir: this.#root, name: "", readOnly: Boolean(this.#root.readOnly) };
        }
        pending.push(...node.target.split("/").reverse());
        continue;
      }
      if (node?.kind === "dir") {
        above.push(at);
        at = { dir: node, name, readOnly: node.readOnly ?? at.readOnly };
        continue;
      }
      if (!last) throw new FileError(node ? "ENOTDIR" : "ENOENT", path);
      if (node && pending.length > 0) throw new FileError("ENOTDIR", path);
      return { dir: at.dir, dirPath: pathOf([...above, at]), name, node, readOnly: at.readOnly };
    }
    const parent = above.at(-1);
    if (!parent) return { dir: at.dir, dirPath: "", name: "", node: at.dir, readOnly: at.readOnly };
    return { dir: parent.dir, dirPath: pathOf(above), name: at.name, node: at.dir, readOnly: at.readOnly };
  }

  #mustWrite(place: Place, as: Credentials, path: string): void {
    if (place.readOnly) throw new FileError("EROFS", path);
    if (place.dir.live || !allows(place.dir, WRITE | SEARCH, as)) throw new FileError("EACCES", path);
  }

  #newNode(place: Place, wanted: { as: Credentials; path: string; mode: number }): Omit<FileNode, "kind" | "content"> {
    this.#mustWrite(place, wanted.as, wanted.path);
    if (this.#ownNodes >= MAX_NODES) throw new FileError("ENOSPC", wanted.path);
    // The shared storage belongs to media_rw whoever writes there, as Android's FUSE mount shows it.
    const media = place.dir.gid === OWNER.mediaRw;
    const uid = media ? place.dir.uid : wanted.as.uid;
    const gid = media ? OWNER.mediaRw : wanted.as.uid;
    const mode = media ? mediaMode(wanted.mode) : wanted.mode;
    return { ino: this.#nextIno++, mode, uid, gid, mtime: this.#seconds(), owner: this };
  }

  #put(place: Place, node: Node): void {
    this.#ownNodes++;
    const dir = this.#ownDir(place.dirPath);
    dir.children.set(place.name, node);
    dir.mtime = this.#seconds();
  }

  /** A node that this phone may change: itself, or a copy of the base image's. */
  #owned<Kind extends Node>(node: Kind): Kind {
    if (node.owner === this) return node;
    this.#ownNodes++;
    if (node.kind === "dir") return { ...node, owner: this, children: new Map(node.children) };
    return { ...node, owner: this };
  }

  #ownFile(place: Place, asked: { as: Credentials; path: string }): OwnFile {
    const { node } = place;
    if (node?.kind === "dir") throw new FileError("EISDIR", asked.path);
    if (place.readOnly) throw new FileError("EROFS", asked.path);
    if (node?.kind !== "file" || place.dir.live || !allows(node, WRITE, asked.as)) throw new FileError("EACCES", asked.path);
    const own = this.#owned<FileNode>(node);
    this.#ownDir(place.dirPath).children.set(place.name, own);
    return own;
  }

  /** The folder at a canonical path, it and those above it made this phone's own. */
  #ownDir(dirPath: string): OwnDir {
    let dir: DirNode = this.#owned(this.#root);
    this.#root = dir;
    for (const name of dirPath.split("/")) {
      if (name === "") continue;
      const child = dir.children.get(name);
      if (child?.kind !== "dir") throw new FileError("ENOTDIR", dirPath);
      const own = this.#owned(child);
      dir.children.set(name, own);
      dir = own;
    }
    return dir;
  }

  #release(node: Node): void {
    if (node.owner === this) this.#ownNodes--;
    if (node.kind === "file" && node.content instanceof Content) void node.content.drop();
    if (node.kind === "dir" && node.owner === this) for (const child of node.children.values()) this.#release(child);
  }
}

/** "/a/b" of "/a/b/c"; "/" of "/a". */
export function parentOf(path: string): string {
  const clean = path.replace(/\/+$/, "");
  return clean.slice(0, Math.max(clean.lastIndexOf("/"), 1)) || "/";
}

/** What the FUSE daemon makes of any mode. */
function mediaMode(mode: number): number {
  const type = mode & FILE_TYPE.mask;
  return type === FILE_TYPE.dir ? type | 0o770 : type === FILE_TYPE.file ? type | 0o660 : mode;
}

/** Whether it is on shared storage. */
function isMedia(node: { readonly gid: number }): boolean {
  return node.gid === OWNER.mediaRw;
}

/** What Linux checks: the owner's bits for the owner, else the group's for a member, else everybody's. */
function allows(node: Node, want: number, as: Credentials): boolean {
  if (as.uid === OWNER.root) return true;
  const shift = node.uid === as.uid ? 6 : as.groups.has(node.gid) ? 3 : 0;
  return ((node.mode >> shift) & want) === want;
}

function pathOf(dirs: readonly { name: string }[]): string {
  return dirs.map(({ name }) => name).join("/");
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

export type { DirNode, FileNode, LinkNode, Node };
