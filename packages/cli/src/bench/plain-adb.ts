/** Somebody else at the phone, with nothing but adb: what the phone itself says and does, past everything of ours. */
import type { AdbDaemonTransport } from "@yume-chan/adb";
import { openBare } from "./bare-transports.js";

export class PlainAdb {
  readonly #transport: AdbDaemonTransport;

  private constructor(transport: AdbDaemonTransport) {
    this.#transport = transport;
  }

  /** @param port of this machine, where the phone's adbd listens */
  static async open(port: number): Promise<PlainAdb> {
    return new PlainAdb(await openBare(port));
  }

  /** What a shell command prints. */
  async run(command: string): Promise<string> {
    const { readable } = await this.#transport.connect(`exec:${command} 2>&1`);
    const chunks: Uint8Array[] = [];
    const reader = readable.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(next.value);
    return Buffer.concat(chunks).toString("utf8");
  }

  /** What a command prints that reads these bytes from its input; they are asked for one piece after the other. */
  async feed(command: string, pieces: AsyncIterable<Uint8Array>): Promise<string> {
    const { readable, writable } = await this.#transport.connect(`exec:${command}`);
    const writer = writable.getWriter();
    const write = async () => {
      for await (const piece of pieces) await writer.write(piece);
    };
    const read = async () => {
      const chunks: Uint8Array[] = [];
      const reader = readable.getReader();
      for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(next.value);
      return Buffer.concat(chunks).toString("utf8");
    };
    const [said] = await Promise.all([read(), write()]);
    return said;
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }
}
