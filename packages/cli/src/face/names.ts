/** Whether the lab's addresses are named as it says: forward-confirmed reverse DNS, which is how others tell a lab's traffic. */
import { parsePrefix } from "@phonerack/policy";

export interface Resolver {
  reverse(address: string): Promise<string[]>;
  addresses(name: string): Promise<string[]>;
}

export interface Checked {
  readonly address: string;
  /** null: nothing is. */
  readonly wrong: string | null;
}

/** More cannot be asked one by one: of a wider prefix its first and last ones are. */
const MOST = 256;

export async function checkNames(prefixes: readonly string[], suffix: string, resolver: Resolver): Promise<Checked[]> {
  const checked: Checked[] = [];
  for (const address of prefixes.flatMap(addressesOf))
    checked.push({ address, wrong: await wrongWith(address, suffix, resolver) });
  return checked;
}

async function wrongWith(address: string, suffix: string, resolver: Resolver): Promise<string | null> {
  const names = await resolver.reverse(address).catch(() => []);
  const name = names.find((one) => one.toLowerCase().endsWith(`.${suffix}`));
  if (name === undefined) return names.length === 0 ? "it has no name" : `its name is ${names[0]}, not below ${suffix}`;
  return (await resolver.addresses(name)).includes(address) ? null : `${name} does not lead back to it`;
}

/** Of an IPv4 prefix all, when they are not too many; else the first. */
export function addressesOf(text: string): string[] {
  const prefix = parsePrefix(text);
  if (!prefix) return [];
  if (prefix.family === 6) return [text.split("/")[0] ?? ""];
  const first = prefix.bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const count = 2 ** (32 - prefix.length);
  const places = count <= MOST ? Array.from({ length: count }, (_, at) => first + at) : [first, first + count - 1];
  return places.map((at) => [24, 16, 8, 0].map((shift) => Math.floor(at / 2 ** shift) % 256).join("."));
}
