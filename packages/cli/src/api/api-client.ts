/** Calls control's HTTP API for the CLI: the contract's schemas in both directions, its error table for what is refused. */
import {
  type Action,
  API_PREFIX,
  contract,
  type Device,
  DeviceId,
  type InputOutcome,
  type Lab,
  type LabChanges,
  readApiError,
  type Session,
} from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { ControlAddress } from "./find-control.js";
import { type FileToReceive, receiveFile } from "./receive-file.js";
import { jsonOf, type Reply, type Request, send } from "./request.js";
import { type FileToSend, sendFile } from "./send-file.js";

const PAGE = 1_000;

export class ApiClient {
  readonly #address: ControlAddress;

  constructor(address: ControlAddress) {
    this.#address = address;
  }

  /** All devices, by name. */
  async devices(query: Readonly<Record<string, string>> = {}): Promise<Device[]> {
    const found: Device[] = [];
    let cursor: string | null = null;
    do {
      const words = new URLSearchParams({ ...query, limit: String(PAGE), ...(cursor === null ? {} : { cursor }) });
      const page: { items: Device[]; next: string | null } = read(
        contract.devices.list,
        await this.#json(`/devices?${words.toString()}`),
      );
      found.push(...page.items);
      cursor = page.next;
    } while (cursor !== null);
    return found;
  }

  async idOf(idOrName: string): Promise<string> {
    return (await this.deviceOf(idOrName)).id;
  }

  /** The device that is called so by its id or its name; fails with `device_not_found`. */
  async deviceOf(idOrName: string): Promise<Device> {
    if (DeviceId.safeParse(idOrName).success) {
      const known = await this.ask<Device>(contract.devices.get, `/devices/${idOrName}`).catch((error: unknown) => {
        if (error instanceof PhonerackError && error.code === "device_not_found") return undefined;
        throw error;
      });
      if (known !== undefined) return known;
    }
    const named = (await this.devices({ q: idOrName })).filter((device) => device.name.toLowerCase() === idOrName.toLowerCase());
    const [only] = named;
    if (!only || named.length > 1) throw new PhonerackError("device_not_found", idOrName);
    return only;
  }

  /** `frame`: with a phone around it. */
  async screenshot(id: string, { frame = false } = {}): Promise<Uint8Array> {
    return (await this.#call(`/devices/${id}/screenshot${frame ? "?frame=true" : ""}`)).bytes;
  }

  /** Fails with the first outcome that is not `delivered`. */
  async input(id: string, actions: readonly Action[]): Promise<void> {
    const reply = await this.#json(`/devices/${id}/input`, { method: "POST", body: { actions } });
    const { results }: { results: InputOutcome[] } = read(contract.devices.input, reply);
    const bad = results.find(({ outcome }) => outcome !== "delivered");
    if (!bad) return;
    throw readApiError(bad.error) ?? new PhonerackError(bad.outcome === "denied" ? "denied" : "phone_failed", bad.error?.message);
  }

  async link(): Promise<string> {
    const reply: { link: string } = read(contract.session.link, await this.#json("/session/link", { method: "POST", body: {} }));
    return reply.link;
  }

  session(): Promise<Session> {
    return this.ask(contract.session.get, "/session");
  }

  /** @returns whether there was a log-in to end */
  async logOut(): Promise<boolean> {
    const { ended }: { ended: boolean } = await this.ask(contract.session.end, "/session", { method: "DELETE" });
    return ended;
  }

  async lab(): Promise<Lab> {
    return read(contract.lab.get, await this.#json("/lab"));
  }

  /** `dryRun` only asks what would change. */
  async putLab(lab: Lab, dryRun: boolean): Promise<LabChanges> {
    return read(contract.lab.put, await this.#json("/lab", { method: "PUT", body: { lab, dryRun } }));
  }

  /** null: into no slot. */
  async place(id: string, place: { readonly chassis: string; readonly slot: number } | null): Promise<Device> {
    return read(contract.devices.place, await this.#json(`/devices/${id}/place`, { method: "PUT", body: { place } }));
  }

  /** @returns what its screen shows */
  async identify(id: string, seconds: number): Promise<string> {
    const reply = await this.#json(`/devices/${id}/identify`, { method: "POST", body: { seconds } });
    const { shown }: { shown: string } = read(contract.devices.identify, reply);
    return shown;
  }

  /** Any route of the contract, whose answer is checked by it. */
  async ask<T>(procedure: Procedure, path: string, call: Call = {}): Promise<T> {
    return read(procedure, await this.#json(path, call));
  }

  /** A file as it is, for a route that takes one. */
  async sendFile<T>(procedure: Procedure, path: string, file: Omit<FileToSend, "token">): Promise<T> {
    const reply = await sendFile(this.#address, API_PREFIX + path, { ...file, token: this.#address.token });
    return read(procedure, jsonOf(this.#accepted(reply)));
  }

  /** The bytes of a route that answers with them, into a file. */
  async receiveFile(path: string, file: Omit<FileToReceive, "token">): Promise<void> {
    const refused = await receiveFile(this.#address, API_PREFIX + path, { ...file, token: this.#address.token });
    if (refused) this.#accepted(refused);
  }

  /** Where control is, as its people reach it: what a proof of ownership is for. */
  get url(): string {
    return this.#address.url;
  }

  async #json(path: string, call: Call = {}): Promise<unknown> {
    return jsonOf(await this.#call(path, call));
  }

  async #call(path: string, call: Call = {}): Promise<Reply> {
    const { token } = this.#address;
    return this.#accepted(await send(this.#address, API_PREFIX + path, { ...call, token }));
  }

  #accepted(reply: Reply): Reply {
    if (reply.status >= 200 && reply.status < 300) return reply;
    const { url } = this.#address;
    throw readApiError(jsonOf(reply)) ?? new PhonerackError("control_unreachable", `${url} answered ${reply.status}`);
  }
}

type Call = Omit<Request, "token">;

interface Procedure {
  readonly "~orpc": { readonly outputSchema?: unknown };
}

/** Checks an answer with the contract's own schema: another version of control must not be misread. */
function read<T>(procedure: Procedure, answer: unknown): T {
  const schema = procedure["~orpc"].outputSchema as { parse(value: unknown): T } | undefined;
  if (!schema) throw new PhonerackError("internal");
  try {
    return schema.parse(answer);
  } catch (cause) {
    throw new PhonerackError("bad_request", "control answered in another version of the contract", { cause });
  }
}
