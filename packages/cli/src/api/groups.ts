/** The API's groups and flows, for the CLI. */
import {
  contract,
  type FencePreview,
  type Flow,
  FlowId,
  type Group,
  type GroupRequest,
  type GroupStep,
  type MemberAction,
  type StepRecord,
} from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { ApiClient } from "./api-client.js";

export type GroupItem = Omit<Group, "members" | "steps"> & { readonly size: number };
export type FlowItem = Omit<Flow, "yaml">;
export type GroupChange = Partial<Pick<Group, "leader" | "aim" | "paused" | "recording" | "stepsPerSecond">>;

export class GroupApi {
  readonly api: ApiClient;

  constructor(api: ApiClient) {
    this.api = api;
  }

  start(request: Partial<GroupRequest>): Promise<Group> {
    return this.api.ask(contract.groups.start, "/groups", { method: "POST", body: request });
  }

  async list(ended: boolean): Promise<GroupItem[]> {
    const words = ended ? "" : "&ended=false";
    const { items }: { items: GroupItem[] } = await this.api.ask(contract.groups.list, `/groups?limit=200${words}`);
    return items;
  }

  get(id: string): Promise<Group> {
    return this.api.ask(contract.groups.get, `/groups/${id}`);
  }

  change(id: string, change: GroupChange): Promise<Group> {
    return this.api.ask(contract.groups.change, `/groups/${id}`, { method: "PATCH", body: change });
  }

  end(id: string): Promise<{ id: string }> {
    return this.api.ask(contract.groups.end, `/groups/${id}`, { method: "DELETE" });
  }

  step(id: string, step: GroupStep): Promise<StepRecord> {
    return this.api.ask(contract.groups.step, `/groups/${id}/steps`, { method: "POST", body: { step, wait: 20_000 } });
  }

  member(id: string, device: string, action: MemberAction): Promise<Group> {
    return this.api.ask(contract.groups.member, `/groups/${id}/members/${device}`, { method: "POST", body: { action } });
  }

  recorded(id: string): Promise<{ yaml: string; steps: number }> {
    return this.api.ask(contract.groups.recorded, `/groups/${id}/flow`);
  }

  replay(id: string, what: { flow: string } | { yaml: string }): Promise<{ group: string; commands: number }> {
    return this.api.ask(contract.groups.replay, `/groups/${id}/replay`, { method: "POST", body: what });
  }

  async preview(devices: readonly string[]): Promise<FencePreview[]> {
    const reply: { items: FencePreview[] } = await this.api.ask(contract.fences.preview, "/fences/preview", {
      method: "POST",
      body: { devices },
    });
    return reply.items;
  }

  saveFlow(name: string, yaml: string): Promise<Flow> {
    return this.api.ask(contract.flows.save, "/flows", { method: "POST", body: { name, yaml } });
  }

  async flows(): Promise<FlowItem[]> {
    const { items }: { items: FlowItem[] } = await this.api.ask(contract.flows.list, "/flows");
    return items;
  }

  /** By its id, or the newest of that name; fails with `flow_not_found`. */
  async flowOf(idOrName: string): Promise<Flow> {
    const id = FlowId.safeParse(idOrName).success
      ? idOrName
      : (await this.flows()).find(({ name }) => name.toLowerCase() === idOrName.toLowerCase())?.id;
    if (id === undefined) throw new PhonerackError("flow_not_found", idOrName);
    return this.api.ask(contract.flows.get, `/flows/${id}`);
  }

  removeFlow(id: string): Promise<{ id: string }> {
    return this.api.ask(contract.flows.remove, `/flows/${id}`, { method: "DELETE" });
  }

  /** The group that is meant: the one named, else the only open one of whoever asks. Fails with `group_not_found` or `usage`. */
  async groupOf(idOrName: string | undefined): Promise<Group> {
    const { actor } = await this.api.session();
    const open = (await this.list(false)).filter((group) => group.actor === actor);
    const fitting =
      idOrName === undefined
        ? open
        : open.filter(({ id, name }) => id === idOrName || name.toLowerCase() === idOrName.toLowerCase());
    const [only] = fitting;
    if (only && fitting.length === 1) return this.get(only.id);
    if (fitting.length > 1)
      throw new PhonerackError("usage", `say which with --group: ${fitting.map(({ id, name }) => name || id).join(", ")}`);
    if (idOrName?.startsWith("g-")) return this.get(idOrName);
    throw new PhonerackError("group_not_found", idOrName ?? "you drive none; 'phonerack group start' makes one");
  }
}
