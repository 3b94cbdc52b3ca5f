/** What a lab's machine must reach: the database, the bus, a control. */
import { connect } from "node:tls";
import type { LogHealth } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import { type ControlFlags, findPlace } from "../api/find-control.js";
import { type ControlPlace, jsonOf, send } from "../api/request.js";
import { shown } from "../audit/verify.js";
import { clockFinding, type Finding, fail, ok, warn } from "./finding.js";

const DAY_MS = 24 * 3_600_000;

export async function database(url: string): Promise<Finding[]> {
  const { lookAtDatabase } = await import("@phonerack/control");
  try {
    const look = await lookAtDatabase(url);
    return [version(look.version), extension(look), clockFinding("the database", look)];
  } catch (error) {
    return [fail("database", wordsOf(error), "start PostgreSQL, or mend address and log-in in --database")];
  }
}

function version(text: string): Finding {
  if (Number(text.split(".")[0]) >= 14) return ok("database", `PostgreSQL ${text} answers`);
  return warn("database", `PostgreSQL ${text} is older than what phonerack is tested with`, "use 14 or newer");
}

function extension({ btreeGist, mayCreate }: { btreeGist: string; mayCreate: boolean }): Finding {
  if (btreeGist === "installed") return ok("btree_gist", "is installed");
  if (btreeGist === "missing")
    return fail("btree_gist", "the server does not have this extension", "install PostgreSQL's contrib package on the server");
  if (mayCreate) return ok("btree_gist", "is there; control installs it at its first start");
  return fail("btree_gist", "this role may not install it", "as the database's owner: CREATE EXTENSION btree_gist");
}

/** `keys`: the folder of the lab's bus keys, when the server asks for them. */
export async function bus(url: string, keys?: string): Promise<Finding> {
  const { connectNats } = await import("../bus/connect-nats.js");
  const { protocol, host } = new URL(url);
  try {
    const reached = await connectNats({ url, name: "doctor", ...(keys === undefined ? {} : await credentialsOf(keys)) });
    await reached.stop();
    return ok("bus", `NATS answers at ${protocol}//${host} and lets us in`);
  } catch (error) {
    const words = wordsOf(error);
    if (error instanceof PhonerackError && error.code === "bus_keys_invalid")
      return fail("bus", words, "give the folder that it made");
    if (/authori[sz]ation|authentication|credentials/i.test(words))
      return fail(
        "bus",
        `NATS answers at ${protocol}//${host} but refuses the log-in`,
        "mend user and password, or give the bus keys",
      );
    return fail("bus", words, "start nats-server, or mend the address in --bus");
  }
}

async function credentialsOf(folder: string) {
  const { BusKeys } = await import("@phonerack/control");
  const keys = await BusKeys.read(folder);
  return { credentials: () => keys.control };
}

/** The control that commands here would talk to; none is no fault, a machine may have other duties. */
export async function control(flags: ControlFlags): Promise<Finding[]> {
  const found = await findPlace(flags).catch((error: unknown) => error as PhonerackError);
  if (found instanceof Error) {
    if (found instanceof PhonerackError && found.code === "control_unreachable")
      return [ok("control", "none runs here and none is named")];
    return [fail("control", wordsOf(found), "mend what the message names")];
  }
  const { place } = found;
  try {
    const asked = Date.now();
    const reply = await send(place, "/api/v1/health");
    const answered = Date.now();
    if (reply.status !== 200) return [fail("control", `${place.url} answered ${reply.status}`, "see control's log")];
    const { status, agents, devices, log } = jsonOf(reply) as {
      status?: string;
      agents?: number;
      devices?: number;
      log?: LogHealth | null;
    };
    const says = `${place.url} answers: ${agents} agents, ${devices} devices`;
    const health = status === "ok" ? ok("control", says) : warn("control", `${says}, but it is ${status}`, "see control's log");
    // HTTP's Date is cut to whole seconds: on average it is half a second behind.
    const date = Date.parse(reply.headers.date ?? "") + 500;
    const clock = { ahead: date - (asked + answered) / 2, within: 500 + (answered - asked) / 2 };
    return [
      health,
      ...sealed(log),
      ...(Number.isNaN(date) ? [] : [clockFinding("control", clock)]),
      ...(await certificate(place)),
    ];
  } catch (error) {
    return [
      fail("control", wordsOf(error), "start it, or mend the address; 'phonerack login' for a certificate that is not trusted"),
    ];
  }
}

async function certificate({ url, ca }: ControlPlace): Promise<Finding[]> {
  if (!url.startsWith("https:")) return [];
  const { hostname, port } = new URL(url);
  const until = await new Promise<number>((resolve) => {
    const options = { host: hostname.replaceAll(/[[\]]/g, ""), port: Number(port || 443), ...(ca === undefined ? {} : { ca }) };
    const socket = connect(options, () => {
      resolve(Date.parse(socket.getPeerCertificate().valid_to));
      socket.destroy();
    });
    socket.once("error", () => resolve(Number.NaN));
  });
  if (Number.isNaN(until)) return [];
  return [expiry(until, Date.now())];
}

/** The server renews its own certificate a month ahead: one that is nearer to its end than a fortnight is not being renewed. */
export function expiry(until: number, now: number): Finding {
  const days = Math.floor((until - now) / DAY_MS);
  const says = `is valid for ${days} more days`;
  if (days >= 14) return ok("certificate", says);
  return warn("certificate", says, "renew it; control takes the new files without a restart");
}

function wordsOf(error: unknown): string {
  if (error instanceof PhonerackError) return error.detail === undefined ? error.message : `${error.message} (${error.detail})`;
  return error instanceof Error ? error.message : String(error);
}

/** The lab's log, and who has seen it; a control of before tells nothing of it. */
function sealed(log: LogHealth | null | undefined): Finding[] {
  if (log === undefined) return [];
  if (log === null) return [warn("log", "control cannot say how its log is", "see control's log")];
  const signed = log.signedAt === null ? "not signed yet" : `signed ${new Date(log.signedAt).toISOString()}`;
  const says = `${log.size} leaves, ${signed}`;
  if (!log.appends) return [fail("log", `${says}, and nothing is appended any more`, "'phonerack audit status' says why")];
  const isOdd = (state: string) => state !== "good" && state !== "waiting";
  const odd = log.witnesses.filter(({ state }) => isOdd(state)).map(({ name, state }) => `${shown(name)} ${state}`);
  if (odd.length > 0) return [warn("log", `${says}; witnesses: ${odd.join(", ")}`, "'phonerack audit status' says why")];
  return [ok("log", `${says}; seen by ${log.witnesses.filter(({ state }) => state === "good").length} witnesses`)];
}
