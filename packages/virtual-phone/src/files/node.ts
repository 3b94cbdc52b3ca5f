/**
 * The nodes of a phone's file tree. A node belongs either to the base image, shared by every phone and never changed, or to one phone
 * (`owner`). A phone that changes something copies the folders on the way to it, no more: an untouched phone costs nothing.
 */
import type { Content } from "./content.js";

export const FILE_TYPE = {
  mask: 0o170000,
  dir: 0o040000,
  file: 0o100000,
  link: 0o120000,
  char: 0o020000,
  pipe: 0o010000,
} as const;

/** Android's fixed user and group ids (android_filesystem_config.h) as far as files show them. */
export const OWNER = { root: 0, system: 1000, log: 1007, sdcardRw: 1015, mediaRw: 1023, shell: 2000, everybody: 9997 } as const;

interface NodeFacts {
  readonly ino: number;
  /** File type and permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since the Unix epoch. */
  readonly mtime: number;
  /** The phone's file system that may change it; null: base image. */
  readonly owner: object | null;
}

export interface DirNode extends NodeFacts {
  readonly kind: "dir";
  readonly children: Map<string, Node>;
  /** Names that depend on the moment (`/proc`): asked on each look, on top of `children`. */
  readonly live?: LiveFolder;
  /** A mount that the shell user cannot write to, whatever its modes say. */
  readonly readOnly?: boolean;
}

export interface FileNode extends NodeFacts {
  readonly kind: "file";
  /** Bytes; or what is read anew at each open, as the kernel's own files are. */
  readonly content: Content | Uint8Array | MadeBytes | LiveText;
}

export interface LinkNode extends NodeFacts {
  readonly kind: "link";
  readonly target: string;
}

export type Node = DirNode | FileNode | LinkNode;
type Changing<Type> = { -readonly [Key in keyof Type]: Type[Key] };
/** A node of one phone, which may be changed in place. */
export type OwnDir = Changing<DirNode>;
export type OwnFile = Changing<FileNode>;

/** What live files ask: answered by the phone. */
export interface LiveSource {
  /** The text of a file under /proc or /sys by its full path, e.g. "/proc/meminfo". */
  text(path: string): string;
  /** Process ids, for the folders of /proc. */
  processes(): readonly { pid: number; uid: number; name: string; args?: string }[];
}
/** Bytes of the base image that are made when somebody first asks for them or their number. */
export interface MadeBytes {
  readonly bytes: () => Uint8Array;
}
export interface LiveText {
  readonly live: (source: LiveSource) => string;
}
export interface LiveFolder {
  list(source: LiveSource): ReadonlyMap<string, Node>;
}

export function isMade(content: FileNode["content"]): content is MadeBytes {
  return "bytes" in content;
}

export function isLive(content: FileNode["content"]): content is LiveText {
  return "live" in content;
}
