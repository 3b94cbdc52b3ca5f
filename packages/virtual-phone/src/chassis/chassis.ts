/** A chassis of virtual phones in one process: which models and serials, on which ports, with which faults; and their control API. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { access, constants, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { baseImage } from "../files/base-image.js";
import type { DirNode } from "../files/node.js";
import type { Model } from "../models/model.js";
import { MODELS, modelById, modelForSlot } from "../models/models.js";
import { systemApks } from "../models/system-packages.js";
import { systemProperties } from "../models/system-properties.js";
import { LATENCY, type LatencyName } from "../phone/latency.js";
import { programNames } from "../shell/commands/programs.js";
import { startControlApi } from "./control-api.js";
import { type Fault, parseFaults } from "./faults.js";
import { VirtualPhone } from "./virtual-phone.js";
import { VirtualPhonesError } from "./virtual-phones-error.js";

export interface VirtualPhonesOptions {
  /** 1 … 5000. */
  readonly count: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Port of slot 1, those of the others follow; 0 (default): any free ports. */
  readonly port?: number;
  /** Ids `v1` … `v6`, repeated over the slots; default: the mix of a chassis. */
  readonly models?: readonly string[];
  /** `real` is about as slow as a phone of the middle class. Default `none`. */
  readonly latency?: LatencyName;
  /** `SLOT:FAULT`, e.g. `3:drop`, `2-5:locked`, `*:asleep`. */
  readonly faults?: readonly string[];
  /** Ask for the host's key at the phone, as real ones do. Default: let any host in. */
  readonly auth?: boolean;
  /** Where to remember trusted hosts and to keep large files; default: nowhere, and the system's folder for temporary files. */
  readonly dataDir?: string;
  /** Serves the control API on 127.0.0.1; 0: any free port; undefined: not at all. */
  readonly controlPort?: number;
  /** Bytes of storage per phone; default 2 GiB. */
  readonly capacity?: number;
  /** First part of every serial, so that two chassis differ. Letters and digits; default `PRV`. */
  readonly serialPrefix?: string;
}

export interface VirtualPhones {
  /** By slot, from 1. */
  readonly phones: readonly VirtualPhone[];
  /** e.g. `http://127.0.0.1:40123`; undefined without `controlPort`. */
  readonly controlUrl: string | undefined;
  /** Idempotent. */
  stop(): Promise<void>;
}

const MAX_PHONES = 5000;
const GIB = 1024 ** 3;
/** Ports opened at once while starting. */
const BATCH = 50;

/**
 * Starts virtual phones and resolves when all of them listen.
 * @throws VirtualPhonesError when an option is wrong, a port is taken or the data folder cannot be written.
 */
export async function startVirtualPhones(options: VirtualPhonesOptions): Promise<VirtualPhones> {
  const faults = checked(options);
  if (options.dataDir !== undefined) await checkFolder(options.dataDir);
  const spill = spillFolder(options.dataDir);
  const bases = new Map<string, DirNode>();
  const phones = Array.from({ length: options.count }, (_, index) =>
    makePhone(options, { slot: index + 1, bases, spill: spill.path }),
  );
  let controlApi: Awaited<ReturnType<typeof startControlApi>> | undefined;
  let stopped: Promise<void> | undefined;
  const stopAll = async (): Promise<void> => {
    await controlApi?.stop();
    await Promise.all(phones.map((phone) => phone.stop()));
    spill.remove();
  };
  const stop = (): Promise<void> => (stopped ??= stopAll());
  try {
    for (const phone of phones) for (const fault of faults.get(phone.slot) ?? []) phone.setFault(fault, true);
    for (let at = 0; at < phones.length; at += BATCH) await Promise.all(phones.slice(at, at + BATCH).map(startPhone));
    if (options.controlPort !== undefined) controlApi = await startControlApi(phones, options.controlPort);
  } catch (error) {
    await stop();
    throw error;
  }
  return { phones, controlUrl: controlApi?.url, stop };
}

/** @throws VirtualPhonesError */
function checked(options: VirtualPhonesOptions): Map<number, Set<Fault>> {
  const bad = (message: string): never => {
    throw new VirtualPhonesError("bad-option", message);
  };
  const { count, port = 0, models, latency, serialPrefix } = options;
  if (!Number.isInteger(count) || count < 1 || count > MAX_PHONES)
    bad(`The number of virtual phones must be 1 to ${MAX_PHONES}, not ${count}.`);
  if (!Number.isInteger(port) || port < 0 || (port > 0 && port + count - 1 > 65_535))
    bad(`Port ${port} does not leave room for ${count} ports up to 65535.`);
  const known = MODELS.map(({ id }) => id).join(", ");
  for (const id of models ?? []) if (!modelById(id)) bad(`There is no model "${id}". Known: ${known}.`);
  if (latency !== undefined && !Object.hasOwn(LATENCY, latency))
    bad(`Latency must be one of ${Object.keys(LATENCY).join(", ")}, not "${latency}".`);
  if (serialPrefix !== undefined && !/^[A-Za-z0-9]{1,16}$/.test(serialPrefix))
    bad(`The serial prefix must be 1 to 16 letters and digits, not "${serialPrefix}".`);
  return parseFaults(options.faults ?? [], count);
}

async function checkFolder(path: string): Promise<void> {
  try {
    await makeFolder(path);
    await access(path, constants.W_OK);
  } catch {
    throw new VirtualPhonesError(
      "data-dir",
      `The data folder ${path} cannot be written: choose another one or change its permissions.`,
    );
  }
}

/** Not `recursive`: Node 20's walks for ever where a file system answers ENOENT for a parent that exists, as /proc does. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    const parent = dirname(path);
    if (code !== "ENOENT" || parent === path) throw error;
    if (await isThere(parent)) throw error;
    await makeFolder(parent);
    await mkdir(path);
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

const SPILL_NAME = /^phonerack-virtual-(\d+)-/;

/** A folder for large files, made when the first one comes. Named by our process, so that the next one can sweep up after a kill -9. */
function spillFolder(dataDir: string | undefined): { path: () => string; remove: () => void } {
  const parent = dataDir ?? tmpdir();
  let path: string | undefined;
  return {
    path: () => {
      if (path) return path;
      sweep(parent);
      path = mkdtempSync(join(parent, `phonerack-virtual-${process.pid}-`));
      return path;
    },
    remove: () => {
      if (path) rmSync(path, { recursive: true, force: true });
      path = undefined;
    },
  };
}

/** Removes what processes left behind that are no more. */
function sweep(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = Number(SPILL_NAME.exec(name)?.[1] ?? 0);
    if (pid === 0 || isAlive(pid)) continue;
    try {
      rmSync(join(parent, name), { recursive: true, force: true });
    } catch {
      // Another user's: theirs to remove.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function serialOf(prefix: string, slot: number): string {
  return `${prefix}${String(slot).padStart(5, "0")}`;
}

function makePhone(
  options: VirtualPhonesOptions,
  parts: { slot: number; bases: Map<string, DirNode>; spill: () => string },
): VirtualPhone {
  const { slot, bases, spill } = parts;
  const { models = [], port = 0, dataDir, serialPrefix = "PRV" } = options;
  const model = (models.length > 0 ? modelById(models[(slot - 1) % models.length] ?? "") : undefined) ?? modelForSlot(slot);
  return new VirtualPhone({
    slot,
    model,
    serial: serialOf(serialPrefix, slot),
    firstSerial: serialOf(serialPrefix, 1),
    latency: options.latency ?? "none",
    host: options.host ?? "127.0.0.1",
    port: port === 0 ? 0 : port + slot - 1,
    auth: options.auth ?? false,
    base: baseOf(model, bases),
    capacity: options.capacity ?? 2 * GIB,
    spillFolder: spill,
    keysPath: dataDir === undefined ? undefined : join(dataDir, `slot-${slot}`, "adb-keys"),
  });
}

function baseOf(model: Model, bases: Map<string, DirNode>): DirNode {
  let base = bases.get(model.id);
  if (!base) {
    const properties = [...systemProperties(model)].filter(([name]) => name.startsWith("ro."));
    base = baseImage({
      builtAt: Math.floor(Date.UTC(2009, 0, 1) / 1000),
      buildProp: properties.map(([name, value]) => `${name}=${value}\n`).join(""),
      programs: programNames,
      apks: systemApks(model),
    });
    bases.set(model.id, base);
  }
  return base;
}

async function startPhone(phone: VirtualPhone): Promise<void> {
  try {
    await phone.start();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EADDRINUSE")
      throw new VirtualPhonesError(
        "port-taken",
        `Port ${phone.port} for virtual phone ${phone.slot} is taken: choose another first port or stop what uses it.`,
      );
    if (code === "EACCES")
      throw new VirtualPhonesError("port-taken", `Port ${phone.port} may not be opened by this user: choose one above 1023.`);
    if (code === "EADDRNOTAVAIL") throw new VirtualPhonesError("bad-option", `${phone.host} is not an address of this machine.`);
    throw error;
  }
}
