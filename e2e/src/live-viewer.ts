/** A browser tab as far as the live socket goes: watches phones, counts what it gets, touches. Decodes nothing. */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import WebSocket from "ws";

/** `ToBrowser` of the contract, as far as tests read it. */
export interface LiveMessage {
  readonly type: string;
  readonly stream?: number;
  readonly seq?: number;
  readonly outcome?: string;
  readonly code?: string;
  readonly message?: string;
  readonly error?: { readonly code: string; readonly message: string };
  readonly devices?: readonly { readonly id: string; readonly state: string }[];
}

export class LiveViewer {
  readonly socket: WebSocket;
  /** Stream → frames so far. */
  readonly frames = new Map<number, number>();
  readonly messages: LiveMessage[] = [];
  readonly #waiting = new Map<number, (outcome: LiveMessage) => void>();
  #seq = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("error", () => undefined);
    socket.on("message", (data, isBinary) => {
      if (isBinary) this.#count((data as Buffer).readUInt32BE(4));
      else this.#hear(JSON.parse((data as Buffer).toString()) as LiveMessage);
    });
  }

  static async open({ url, token }: { url: string; token: string }): Promise<LiveViewer> {
    const headers = { authorization: `Bearer ${token}` };
    const viewer = new LiveViewer(new WebSocket(`${url.replace("http", "ws")}/api/v1/live`, { headers }));
    await once(viewer.socket, "open");
    return viewer;
  }

  say(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  watch(stream: number, deviceId: string, tier: "tile" | "full" = "full"): void {
    this.say({ type: "watch", stream, deviceId, tier });
  }

  /** Touches a phone; resolves with the outcome, or with "no answer" after ten seconds. */
  async input(deviceId: string, input: object): Promise<string> {
    const seq = ++this.#seq;
    const answer = new Promise<LiveMessage | undefined>((resolve) => {
      const timer = setTimeout(resolve, 10_000);
      this.#waiting.set(seq, (message) => {
        clearTimeout(timer);
        resolve(message);
      });
    });
    this.say({ type: "input", seq, deviceId, input });
    const message = await answer;
    return message ? `${message.outcome}${message.error ? ` ${JSON.stringify(message.error)}` : ""}` : "no answer";
  }

  /** Taps these phones every 400 ms until stopped, and keeps what became of each tap. */
  keepTapping(ids: readonly string[]): { readonly outcomes: string[]; stop(): Promise<void> } {
    const outcomes: string[] = [];
    const underWay = new Set<Promise<void>>();
    const timer = setInterval(() => {
      for (const id of ids) {
        const tap = this.input(id, { type: "tap", x: 200, y: 300 }).then((outcome) => void outcomes.push(outcome));
        underWay.add(tap);
        void tap.finally(() => underWay.delete(tap));
      }
    }, 400);
    return {
      outcomes,
      async stop() {
        clearInterval(timer);
        await Promise.all(underWay);
      },
    };
  }

  /** Resolves when this many more frames of a stream have come; fails when they do not within `withinMs`. */
  async moreFrames(stream: number, count = 5, withinMs = 45_000): Promise<void> {
    const seen = () => this.frames.get(stream) ?? 0;
    const enough = seen() + count;
    for (const deadline = Date.now() + withinMs; seen() < enough; await sleep(25))
      if (Date.now() > deadline) {
        const said = this.messages.filter((message) => message.stream === stream);
        throw new Error(`stream ${stream} gave ${seen()} frames, not ${enough}: ${JSON.stringify(said)}`);
      }
  }

  /** Every state a phone was told to be in, in order. */
  statesOf(deviceId: string): string[] {
    return this.messages.flatMap(({ devices }) => (devices ?? []).filter(({ id }) => id === deviceId).map(({ state }) => state));
  }

  close(): void {
    this.socket.terminate();
  }

  #count(stream: number): void {
    this.frames.set(stream, (this.frames.get(stream) ?? 0) + 1);
  }

  #hear(message: LiveMessage): void {
    if (message.type === "input" && message.seq !== undefined) {
      this.#waiting.get(message.seq)?.(message);
      this.#waiting.delete(message.seq);
    } else this.messages.push(message);
  }
}
