/** Who asks how often, without a log-in: by address, and of IPv6 by the network that one customer has, who could take another address for each question. */
import { PhonerackError } from "@phonerack/contract/bus";
import { parsePrefix } from "@phonerack/policy";

const HOUR_MS = 3_600_000;
/** Questions of one in an hour. */
export const QUESTIONS = 20;
const MOST_ASKERS = 10_000;
const V4_IN_V6 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** The address of an IPv4, the first 64 bits of an IPv6; what is neither as it stands. */
export function askerOf(address: string): string {
  const [plain = ""] = (V4_IN_V6.exec(address)?.[1] ?? address).toLowerCase().split("%");
  const parsed = parsePrefix(`${plain}/${plain.includes(":") ? 128 : 32}`);
  return parsed?.family === 6 ? `${parsed.bytes.slice(0, 8).join(".")}/64` : plain;
}

export class Askers {
  readonly #asked = new Map<string, { hour: number; count: number }>();

  /** Fails with `too_many`. */
  count(address: string, now: number): void {
    const asker = askerOf(address);
    const hour = Math.floor(now / HOUR_MS);
    const known = this.#asked.get(asker);
    const count = known?.hour === hour ? known.count + 1 : 1;
    if (count > QUESTIONS) throw new PhonerackError("too_many", `at most ${QUESTIONS} questions an hour from one address`);
    if (!known && this.#asked.size >= MOST_ASKERS) this.#asked.clear();
    this.#asked.set(asker, { hour, count });
  }
}
