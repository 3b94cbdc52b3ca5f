/**
 * What the device daemon needs of the phone around it: a shell, files, sockets of the phone's own, a way to restart, and the question
 * "Allow USB debugging?". The phone's other parts implement these; the daemon itself only carries bytes between them and the host.
 */
import type { LocalSockets } from "./local-sockets.js";

/** Bytes coming in, in order. Ends at end of input; never throws for a host that went away (the request's `signal` says so). */
export type ByteSource = AsyncIterable<Uint8Array>;

/**
 * Bytes going out. `write` resolves when there is room for more: awaiting it is the back-pressure, and whoever does not await buffers.
 * Writing after the reader has gone is ignored, as a shell command's output is after SIGPIPE; look at the request's `signal`.
 */
export interface ByteSink {
  write(data: Uint8Array | string): Promise<void>;
}

/** A terminal's size as adb sends it. */
export interface WindowSize {
  rows: number;
  columns: number;
}

/** One command, or one interactive session, asked for over `shell:` or `exec:`. */
export interface ShellRequest {
  /** The command line; `undefined` for an interactive session (print a prompt, read lines from `stdin`). */
  command: string | undefined;
  /** With `pty`, whole lines: echo, erase, ^C and ^D have been dealt with by the daemon's line discipline. */
  stdin: ByteSource;
  /** With `pty`, "\n" leaves as "\r\n": write plain "\n". */
  stdout: ByteSink;
  /** Where the host speaks shell v2 without a terminal this arrives apart from stdout, else mixed into it, as on Android. */
  stderr: ByteSink;
  pty: boolean;
  /** `TERM` of the host's terminal, "dumb" when it sent none. */
  term: string;
  /** The terminal's size now; 0 × 0 without a terminal. */
  size(): WindowSize;
  /** ^C typed at the terminal: interrupt the running command, keep the session. At most one listener. */
  onInterrupt(listener: () => void): void;
  /** Aborted when the host closed the stream or left, or the phone stops: end the command now. */
  signal: AbortSignal;
}

/** The phone's shell. */
export interface Shell {
  /** Runs until the command or session ends and resolves with its exit code, 0-255. Must settle soon after `signal` aborts. */
  run(request: ShellRequest): Promise<number>;
}

/** What lstat(2) and stat(2) say; `mode` carries the file type (S_IFDIR 0o040000, S_IFREG 0o100000, S_IFLNK 0o120000). Times in seconds. */
export interface FileStat {
  mode: number;
  size: number;
  mtime: number;
  atime?: number;
  ctime?: number;
  uid: number;
  gid: number;
  ino: number;
  nlink?: number;
}

/** Linux error numbers that Android's adbd puts on the wire, with the text strerror(3) gives for each. */
const fileErrors = {
  EPERM: { errno: 1, text: "Operation not permitted" },
  ENOENT: { errno: 2, text: "No such file or directory" },
  EACCES: { errno: 13, text: "Permission denied" },
  EEXIST: { errno: 17, text: "File exists" },
  ENOTDIR: { errno: 20, text: "Not a directory" },
  EISDIR: { errno: 21, text: "Is a directory" },
  EINVAL: { errno: 22, text: "Invalid argument" },
  ENOSPC: { errno: 28, text: "No space left on device" },
  EROFS: { errno: 30, text: "Read-only file system" },
  ENOTEMPTY: { errno: 39, text: "Directory not empty" },
  ELOOP: { errno: 40, text: "Too many symbolic links encountered" },
} as const;
export type FileErrorCode = keyof typeof fileErrors;

/** A file operation refused the way Linux refuses it. `message` is strerror's text. */
export class FileError extends Error {
  constructor(
    readonly code: FileErrorCode,
    readonly path: string,
  ) {
    super(fileErrors[code].text);
    this.name = "FileError";
  }
  get errno(): number {
    return fileErrors[this.code].errno;
  }
}

/** A file being written. Nothing is visible under its path before `commit`, except that Android truncates an existing file at once. */
export interface FileWriter {
  /** Resolves when there is room for more. The chunk is the daemon's again once it resolved: copy what is kept. */
  write(chunk: Uint8Array): Promise<void>;
  /** The file is complete; `mtime` in seconds, which the host tells only now. */
  commit(mtime: number): Promise<void>;
  /** Gives up and removes what was written. Safe after a failed write. */
  abort(): Promise<void>;
}

/** The phone's files as `adb push`, `pull` and `ls` see them. Paths are absolute and as the host sent them. Failures are `FileError`. */
export interface FileSystem {
  /** Follows links. */
  stat(path: string): Promise<FileStat>;
  /** Does not follow a last link. */
  lstat(path: string): Promise<FileStat>;
  /** Names (without "." and "..") with what lstat says of each. */
  list(path: string): Promise<{ name: string; stat: FileStat }[]>;
  /** The file's bytes, in chunks of any size up to 1 MiB. Rejects here, before the first chunk, if it cannot be read. */
  read(path: string): Promise<ByteSource>;
  /** Opens a file for writing, truncating it; parent folders are made. `mode` is the permission bits. */
  write(path: string, mode: number): Promise<FileWriter>;
  /** Makes a link, replacing a file that is there; parent folders are made. */
  symlink(target: string, path: string): Promise<void>;
}

/** Remembers which hosts may debug this phone. A key is the 524-byte adb public key, in base64. */
export interface AuthorisedKeys {
  /** Keys allowed for good ("Always allow from this computer"). */
  all(): Promise<readonly string[]> | readonly string[];
  add(key: string): Promise<void> | void;
}

/** What the person at the phone answers to "Allow USB debugging?". */
export type KeyPromptAnswer = "allow" | "always" | "deny";

/** Asks at the phone. `fingerprint` is the key's MD5 as Android shows it, "AA:BB:…". `signal` aborts when the host gave up: hide the dialog. */
export type KeyPrompt = (fingerprint: string, signal: AbortSignal) => Promise<KeyPromptAnswer>;

/** The names in the connection banner. */
export interface PhoneIdentity {
  /** ro.product.name */
  product: string;
  /** ro.product.model */
  model: string;
  /** ro.product.device */
  device: string;
}

/** The phone around one daemon. */
export interface AdbdParts {
  identity: PhoneIdentity;
  shell: Shell;
  files: FileSystem;
  /** Sockets inside the phone: abstract names and its own TCP ports. Never the machine's network. */
  sockets: LocalSockets;
  /** `undefined`: any host is let in without a key, as `ro.adb.secure=0` does. */
  authorisation?: { keys: AuthorisedKeys; onKeyPrompt: KeyPrompt };
  /** `adb reboot [mode]`; the daemon's connections should drop soon after. */
  reboot(mode: string): void;
}
