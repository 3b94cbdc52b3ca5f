/**
 * Which phonerack a command talks to, and as whom: the one named by flags or environment, else the one that runs with the data folder,
 * else the one last logged in to.
 */
import { readFile } from "node:fs/promises";
import { PhonerackError } from "@phonerack/contract/bus";
import { type RunFile, readRun, readToken } from "../data-folder.js";
import { type LogIn, NO_LOG_INS, readCredentials } from "../login/credentials.js";
import type { ControlPlace } from "./request.js";

export interface ControlFlags {
  readonly control?: string;
  readonly token?: string;
  /** A file with the authority of control's certificate. */
  readonly ca?: string;
  readonly data: string;
}

export interface ControlAddress extends ControlPlace {
  readonly token: string;
}

/** Fails with `control_unreachable` when none is named, runs or is logged in to; `unauthorised` when there is no token for it. */
export async function findControl(flags: ControlFlags): Promise<ControlAddress> {
  const { place, run, logIn } = await findPlace(flags);
  // The data folder's token opens the control of that folder, and is shown to no other.
  const token = flags.token ?? logIn?.token ?? (run ? await readToken(flags.data) : undefined);
  if (token === undefined)
    throw new PhonerackError("unauthorised", `'phonerack login --control ${place.url}', --token or PHONERACK_TOKEN`);
  return { ...place, token };
}

export interface Found {
  readonly place: ControlPlace;
  /** It is the one that runs with the data folder. */
  readonly run: RunFile | undefined;
  readonly logIn: LogIn | undefined;
}

/** The same for who has no token yet. */
export async function findPlace(flags: ControlFlags): Promise<Found> {
  const running = await readRun(flags.data);
  // Not even looked at where the data folder says all: a damaged file must not get in the way of the phonerack that runs here.
  const credentials = running && flags.control === undefined ? NO_LOG_INS : await readCredentials();
  const url = flags.control ?? running?.url ?? credentials.last;
  if (url === undefined) {
    const detail = `none runs with the data folder ${flags.data}, and none is logged in to`;
    throw new PhonerackError("control_unreachable", detail);
  }
  const origin = new URL(url).origin;
  const run = running && new URL(running.url).origin === origin ? running : undefined;
  const logIn = credentials.logIns[origin];
  const ca = await caOf(flags.ca, { run, logIn });
  return { place: { url: origin, ...(ca === undefined ? {} : { ca }) }, run, logIn };
}

async function caOf(file: string | undefined, { run, logIn }: Omit<Found, "place">): Promise<string | undefined> {
  if (file !== undefined) {
    const pem = await readFile(file, "utf8").catch((cause: Error) => {
      throw new PhonerackError("usage", `--ca: ${cause.message}`, { cause });
    });
    if (!pem.includes("-----BEGIN CERTIFICATE-----")) throw new PhonerackError("usage", `--ca: ${file} is no certificate in PEM`);
    return pem;
  }
  if (run?.ca !== undefined) return readFile(run.ca, "utf8").catch(() => undefined);
  return logIn?.ca;
}
