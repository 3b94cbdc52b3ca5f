/** The lab that is attacked: `phonerack up` with its phones, a chassis that counts as real phones, and plain adb beside it, by which is read what came of it. */
import { rm } from "node:fs/promises";
import { type Leaf, readLeaf, unpackEntries } from "@phonerack/policy";
import { expect } from "vitest";
import { type AdbCli, startAdbCli } from "../adb-cli.js";
import {
  type DeviceView,
  firstLine,
  launch,
  type Ran,
  type Running,
  takeDevices,
  temporaryFolder,
  untilDevices,
} from "../phonerack.js";
import { dumpUi } from "../ui-dump.js";
import { startVirtualChassis, type VirtualChassis } from "../virtual-chassis.js";

export const BAZAAR = "com.example.bazaar";
export const NOTES = "dev.phonerack.notes";
/** Reached over the network, so that they count as real phones: for what is rented and licensed. 20 are a chassis. */
const REAL = Number(process.env.REDTEAM_REAL ?? 6);

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: each scenario knows what it asked for
  readonly body: any;
}

export interface RedLabOptions {
  readonly phones: number;
  readonly env?: NodeJS.ProcessEnv;
}

export class RedLab {
  readonly #running: Running;
  readonly #chassis: VirtualChassis;
  readonly #data: string;
  readonly adb: AdbCli;
  readonly url: string;
  readonly token: string;
  /** Virtual ones, leased to the lab's owner. */
  readonly phones: readonly DeviceView[];
  readonly real: readonly DeviceView[];
  /** It is the one that lets everything through. */
  readonly letsThrough: boolean;

  private constructor(parts: {
    letsThrough: boolean;
    running: Running;
    chassis: VirtualChassis;
    data: string;
    adb: AdbCli;
    url: string;
    token: string;
    devices: readonly DeviceView[];
  }) {
    this.letsThrough = parts.letsThrough;
    this.#running = parts.running;
    this.#chassis = parts.chassis;
    this.#data = parts.data;
    this.adb = parts.adb;
    this.url = parts.url;
    this.token = parts.token;
    this.real = parts.devices.filter(({ chassis }) => chassis === "H1");
    this.phones = parts.devices.filter(({ chassis }) => chassis !== "H1");
  }

  /** Phones only feign to be disabled, so that Bazaar can be in front at all and the gate is all there is. */
  static async start({ phones, env = {} }: RedLabOptions): Promise<RedLab> {
    const [adb, chassis, data] = await Promise.all([startAdbCli(), startVirtualChassis(REAL), temporaryFolder()]);
    const words = ["up", "--port", "0", "--data", data, "--virtual", String(phones), "--no-adb", "--json"];
    const faults = ["--fault", "*:feigned-disabling"];
    const connect = chassis.addresses.flatMap((address, at) => ["--connect", `${address}@H1/${at + 1}`]);
    const running = launch([...words, ...faults, ...connect], env);
    const { url, token } = JSON.parse(await firstLine(running)) as { url: string; token: string };
    const all = phones + REAL;
    const devices = await untilDevices(
      { url, token },
      (some) => some.length === all && some.every(({ state }) => state === "ready"),
      120_000,
    );
    const lab = new RedLab({ letsThrough: env.NODE_OPTIONS !== undefined, running, chassis, data, adb, url, token, devices });
    await Promise.all(devices.map(({ address }) => adb.run(["connect", serialOf(address)])));
    await takeDevices(
      lab,
      lab.phones.map(({ id }) => id),
    );
    return lab;
  }

  async stop(): Promise<void> {
    this.#running.child.kill("SIGTERM");
    await this.#running.exited;
    await this.#chassis.stop();
    await this.adb.stop();
    await rm(this.#data, { recursive: true, force: true });
  }

  get ids(): string[] {
    return this.phones.map(({ id }) => id);
  }

  fault(slot: number, faults: object): Promise<void> {
    return this.#chassis.post(slot, "faults", faults);
  }

  async call(method: string, path: string, body?: unknown, token = this.token): Promise<Answer> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { "content-type": "application/json" }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  }

  /** A command of ours, as the lab's owner. */
  async cli(...words: readonly string[]): Promise<Ran> {
    const [command = "", ...rest] = words;
    const running = launch([command, "--control", this.url, "--token", this.token, ...rest]);
    const code = await running.exited;
    return { code, stdout: running.stdout(), stderr: running.stderr() };
  }

  /** On every virtual phone, by plain adb: somebody at the phones, and the eyes of this suite. */
  async everywhere(command: string, phones: readonly DeviceView[] = this.phones): Promise<string[]> {
    const shells = phones.map(({ address }) => this.adb.run(["-s", serialOf(address), "shell", command]));
    return (await Promise.all(shells)).map(({ stdout }) => stdout.trim());
  }

  /** Likes, comments, follows and orders, by Bazaar's own count, on all phones. */
  async deeds(): Promise<number> {
    const all = await this.everywhere("dumpsys phonerack_bazaar");
    const counts = all.map((line) => JSON.parse(line) as Record<string, number>);
    return counts.reduce((sum, one) => sum + Object.values(one).reduce((a, b) => a + b, 0), 0);
  }

  /** Touches, keys and texts that reached Bazaar's windows, by the phones' own record. */
  async reached(phones: readonly DeviceView[] = this.phones): Promise<number> {
    const all = await this.everywhere("dumpsys phonerack_input", phones);
    const lines = all.join("\n").matchAll(/^package (\{.*\})\s*$/gm);
    return [...lines]
      .map(([, json = ""]) => JSON.parse(json) as { package: string; touches: number; keys: number; texts: number })
      .filter((one) => one.package === BAZAAR)
      .reduce((sum, { touches, keys, texts }) => sum + touches + keys + texts, 0);
  }

  async open(intent: string, name: string): Promise<void> {
    await this.everywhere(`am start ${intent}`);
    const front = async () =>
      (await this.everywhere("dumpsys window | grep mCurrentFocus")).filter((line) => line.includes(name));
    await expect.poll(async () => (await front()).length, { timeout: 10_000 }).toBe(this.phones.length);
    // The agent hears of it from the phone's event log.
    const told = async () => (await this.#devices()).filter(({ foreground }) => foreground?.package === name).length;
    await expect.poll(told, { timeout: 10_000 }).toBe(this.phones.length);
  }

  async #devices(): Promise<DeviceView[]> {
    return (await this.call("GET", "/devices?limit=200")).body.items.filter(({ id }: DeviceView) => this.ids.includes(id));
  }

  /** Where something is on a phone, the first if not said otherwise, in its pixels. */
  async placeOf(id: string, phone = this.phones[0]): Promise<{ x: number; y: number; width: number; height: number }> {
    const { address = "", screen } = phone ?? {};
    const found = (await dumpUi(this.adb, serialOf(address))).find((one) => one.id.endsWith(`:id/${id}`));
    if (!found) throw new Error(`nothing is called ${id}`);
    return { ...found.middle, width: screen?.width ?? 0, height: screen?.height ?? 0 };
  }

  /** All phones as one group while `use` takes. */
  async asGroup<T>(use: (step: (wanted: unknown) => Promise<Answer>) => Promise<T>): Promise<T> {
    const { body } = await this.call("POST", "/groups", { devices: this.ids, aim: "point", stepsPerSecond: 30 });
    try {
      const ready = async () => {
        const { members } = (await this.call("GET", `/groups/${body.id}`)).body as {
          members: { state: string; fence: string }[];
        };
        return members.filter(({ fence, state }) => /closed|leaky/.test(fence) && state !== "preparing").length;
      };
      await expect.poll(ready, { timeout: 60_000, interval: 200 }).toBe(this.phones.length);
      return await use((step) => this.call("POST", `/groups/${body.id}/steps`, { step, wait: 20_000 }));
    } finally {
      await this.call("DELETE", `/groups/${body.id}`);
    }
  }

  /** A job on these phones, to its end. */
  async job(action: object, devices: readonly string[] = this.ids, token = this.token): Promise<Answer["body"]> {
    const { body } = await this.call("POST", "/jobs", { devices, action, agreed: true }, token);
    if (body.code !== undefined) return body;
    const now = async () => (await this.call("GET", `/jobs/${body.id}`, undefined, token)).body;
    await expect.poll(async () => (await now()).state, { timeout: 60_000, interval: 100 }).not.toMatch(/running|paused/);
    return now();
  }

  /** How many leaves the log has by now, all that was done included. */
  async size(): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    return (await this.call("GET", "/log")).body.size;
  }

  /** Leaves from this one on, once they are signed. */
  async leaves(from: number): Promise<Leaf[]> {
    const size = await this.size();
    await expect
      .poll(async () => (await this.call("GET", "/log")).body.checkpoint?.size ?? 0, { timeout: 20_000, interval: 250 })
      .toBeGreaterThanOrEqual(size);
    const signed = (await this.call("GET", "/log")).body.checkpoint.size as number;
    const leaves: Leaf[] = [];
    for (let tile = Math.floor(from / 256); tile * 256 < signed; tile++) {
      const width = Math.min(256, signed - tile * 256);
      const name = `${String(tile).padStart(3, "0")}${width < 256 ? `.p/${width}` : ""}`;
      const bytes = new Uint8Array(await (await fetch(`${this.url}/log/entries/${name}`)).arrayBuffer());
      for (const entry of unpackEntries(bytes) ?? []) {
        const read = readLeaf(entry);
        if ("leaf" in read && read.leaf.seq >= from) leaves.push(read.leaf);
      }
    }
    return leaves;
  }

  get data(): string {
    return this.#data;
  }
}

export function serialOf(address: string): string {
  return address.replace(/^tcp:/, "");
}
