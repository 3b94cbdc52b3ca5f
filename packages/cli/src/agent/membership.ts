/**
 * An agent's membership of a lab: got once with a code, kept in the agent's own folder, renewed with its token. Its key pair is made here and
 * the seed never leaves this machine.
 */
import { chmod, readFile, rename, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join as joinPath } from "node:path";
import { API_PREFIX, readApiError } from "@phonerack/contract/api";
import { JoinReply, type JoinRequest, PhonerackError } from "@phonerack/contract/bus";
import { type ControlPlace, jsonOf, send } from "../api/request.js";

export interface Membership {
  readonly lab: ControlPlace;
  /** Of the agent's nkey: with the JWT, who it is on NATS. */
  readonly seed: string;
  readonly reply: JoinReply;
}

const FILE = "joined.json";

/** Fails with `join_refused`, `agent_name_taken` or `control_unreachable`. */
export async function join(lab: ControlPlace, { code, name }: { code: string; name: string }): Promise<Membership> {
  const { createUser } = await import("@nats-io/nkeys");
  const key = createUser();
  const request: JoinRequest = { code, name, host: hostname(), publicKey: key.getPublicKey() };
  const reply = await post(lab, "/agents/join", request);
  return { lab, seed: new TextDecoder().decode(key.getSeed()), reply };
}

/** With fresh credentials; fails with `unauthorised` when the lab does not know the agent any more, or `control_unreachable`. */
export async function renew(membership: Membership): Promise<Membership> {
  const { token } = membership.reply;
  return { ...membership, reply: await post(membership.lab, "/agents/renew", { token }) };
}

/** Undefined when the agent of this folder has not joined. */
export async function readMembership(folder: string): Promise<Membership | undefined> {
  let text: string;
  try {
    text = await readFile(joinPath(folder, FILE), "utf8");
  } catch {
    return undefined;
  }
  try {
    const { lab, seed, reply } = JSON.parse(text) as { lab: Partial<ControlPlace>; seed: unknown; reply: unknown };
    if (typeof lab.url === "string" && typeof seed === "string") {
      const ca = lab.ca === undefined ? {} : { ca: String(lab.ca) };
      return { lab: { url: lab.url, ...ca }, seed, reply: JoinReply.parse(reply) };
    }
  } catch {
    // Said below: it is as good as a file of another kind.
  }
  throw new PhonerackError("data_unwritable", `${joinPath(folder, FILE)} is not what an agent wrote; remove it and join anew`);
}

export async function writeMembership(folder: string, membership: Membership): Promise<void> {
  const path = joinPath(folder, FILE);
  try {
    await writeFile(`${path}.draft`, JSON.stringify(membership), { mode: 0o600 });
    await chmod(`${path}.draft`, 0o600);
    await rename(`${path}.draft`, path);
  } catch (cause) {
    throw new PhonerackError("data_unwritable", path, { cause });
  }
}

async function post(place: ControlPlace, path: string, body: unknown): Promise<JoinReply> {
  const answered = await send(place, API_PREFIX + path, { method: "POST", body });
  const answer = jsonOf(answered);
  const reply = JoinReply.safeParse(answer);
  if (answered.status === 200 && reply.success) return reply.data;
  throw readApiError(answer) ?? new PhonerackError("control_unreachable", `${place.url} answered ${answered.status}`);
}
