/** Opens what `>`, `<`, `2>&1` and `<<` name, on the phone's own files. */
import { type ByteSink, FileError } from "../adbd/services.js";
import type { PhoneFiles } from "../files/file-system.js";
import type { Io } from "./command.js";
import { ByteInput, FileSink, NOTHING } from "./streams.js";
import type { Redirect, Word } from "./syntax-tree.js";

interface Around {
  readonly io: Io;
  readonly files: PhoneFiles;
  readonly cwd: string;
  expand(word: Word): Promise<string>;
}

export interface Opened {
  readonly io: Io;
  /** Flushes files. */
  close(): Promise<void>;
}

/** @throws FileError */
export async function openRedirects(redirects: readonly Redirect[], around: Around): Promise<Opened> {
  const inputs = new Map<number, ByteInput>([[0, around.io.stdin]]);
  const outputs = new Map<number, ByteSink>([
    [1, around.io.stdout],
    [2, around.io.stderr],
  ]);
  const sinks: FileSink[] = [];
  for (const { fd, operator, target } of redirects) {
    const text = await around.expand(target);
    if (operator === "<<") inputs.set(fd, ByteInput.of(text));
    else if (operator === "<&") inputs.set(fd, text === "-" ? ByteInput.of() : (inputs.get(Number(text)) ?? ByteInput.of()));
    else if (operator === ">&") outputs.set(fd, duplicate(text, outputs));
    else if (operator === "<" || operator === "<>") inputs.set(fd, openInput(around.files, pathIn(text, around.cwd), around.io));
    else {
      const sink = openOutput(around, { path: pathIn(text, around.cwd), append: operator === ">>", outputs });
      if (sink instanceof FileSink) sinks.push(sink);
      outputs.set(fd, sink);
    }
  }
  const io: Io = {
    ...around.io,
    stdin: inputs.get(0) ?? around.io.stdin,
    stdout: outputs.get(1) ?? around.io.stdout,
    stderr: outputs.get(2) ?? around.io.stderr,
  };
  return {
    io,
    close: async () => {
      for (const sink of sinks) await sink.close();
    },
  };
}

function duplicate(text: string, outputs: ReadonlyMap<number, ByteSink>): ByteSink {
  if (text === "-") return NOTHING;
  const sink = outputs.get(Number(text));
  if (!sink) throw new FileError("EINVAL", text);
  return sink;
}

function pathIn(path: string, cwd: string): string {
  return path.startsWith("/") ? path : `${cwd}/${path}`;
}

function openOutput(
  around: Around,
  { path, append, outputs }: { path: string; append: boolean; outputs: ReadonlyMap<number, ByteSink> },
): ByteSink {
  const device = deviceSink(path, {
    ...around.io,
    stdout: outputs.get(1) ?? around.io.stdout,
    stderr: outputs.get(2) ?? around.io.stderr,
  });
  return device ?? new FileSink(around.files.openForWriting(path, { append }).content);
}

/** Sinks that are no files. */
export function deviceSink(path: string, io: Pick<Io, "stdout" | "stderr" | "terminal">): ByteSink | undefined {
  switch (path.replace(/\/+/g, "/")) {
    case "/dev/null":
    case "/dev/zero":
    case "/dev/random":
    case "/dev/urandom":
      return NOTHING;
    case "/dev/full":
      return { write: () => Promise.reject(new FileError("ENOSPC", path)) };
    case "/dev/tty":
      return io.terminal;
    case "/dev/stdout":
    case "/proc/self/fd/1":
      return io.stdout;
    case "/dev/stderr":
    case "/proc/self/fd/2":
      return io.stderr;
    default:
      return undefined;
  }
}

/** Opens a file or a device for reading. @throws FileError */
export function openInput(files: PhoneFiles, path: string, io: Pick<Io, "stdin">): ByteInput {
  switch (path.replace(/\/+/g, "/")) {
    case "/dev/null":
    case "/dev/tty":
      return ByteInput.of();
    case "/dev/stdin":
    case "/proc/self/fd/0":
      return io.stdin;
    case "/dev/zero":
    case "/dev/full":
      return new ByteInput(endless(() => new Uint8Array(65536)));
    case "/dev/random":
    case "/dev/urandom":
      return new ByteInput(endless(() => crypto.getRandomValues(new Uint8Array(65536))));
    default:
      return new ByteInput(files.open(path));
  }
}

async function* endless(make: () => Uint8Array): AsyncGenerator<Uint8Array> {
  for (;;) {
    yield make();
    // Give way: whoever reads this for ever shares the process with other phones.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
