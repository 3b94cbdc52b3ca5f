/**
 * What a phone shows once it has settled after a step: asked until two looks are alike, for 1.5 s at most. Where there is no hierarchy it is only
 * which activity is in front.
 */
import type { ScreenState } from "@phonerack/contract/bus";
import type { Engine } from "./engine.js";
import type { GroupPhone } from "./group-phone.js";
import { signatureOf } from "./signature.js";

const LONGEST_MS = 1_500;
const FIRST_MS = 150;
const EVERY_MS = 150;

export class Settling {
  readonly #phone: GroupPhone;
  readonly #engine: () => Engine | undefined;
  readonly #done: (seq: number, screen: ScreenState | null) => void;
  #timer: NodeJS.Timeout | undefined;
  #turn = 0;

  constructor(phone: GroupPhone, engine: () => Engine | undefined, done: (seq: number, screen: ScreenState | null) => void) {
    this.#phone = phone;
    this.#engine = engine;
    this.#done = done;
  }

  start(seq: number): void {
    this.stop();
    const turn = ++this.#turn;
    const until = performance.now() + LONGEST_MS;
    let before: string | undefined;
    const look = async () => {
      const screen = await this.#look();
      if (turn !== this.#turn) return;
      const now = JSON.stringify(screen);
      if (now === before || performance.now() >= until) return this.#done(seq, screen);
      before = now;
      this.#timer = setTimeout(() => void look(), EVERY_MS);
    };
    this.#timer = setTimeout(() => void look(), FIRST_MS);
  }

  stop(): void {
    this.#turn++;
    clearTimeout(this.#timer);
  }

  /** Never rejects. */
  async #look(): Promise<ScreenState | null> {
    const engine = this.#engine();
    const tree = engine?.running ? await engine.tree().catch(() => undefined) : undefined;
    const { foreground } = this.#phone.report;
    if (!foreground?.package) return null;
    const signature = tree ? signatureOf(tree) : null;
    return { package: foreground.package, activity: foreground.activity ?? "", signature };
  }
}
