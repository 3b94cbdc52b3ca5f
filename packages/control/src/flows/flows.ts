/** Flow files of organisations: kept as they were written, once they can be replayed. */
import { type Flow, PhonerackError } from "@phonerack/contract/bus";
import { type Caller, tenantOf } from "../access/caller.js";
import type { RecordEvent } from "../events/events.js";
import { newId } from "../ids.js";
import { readFlow } from "./read.js";
import type { FlowStore } from "./store.js";

const MOST_FLOWS = 1_000;
/** Places in pixels are read again, by the leader's screen, when the flow is replayed. */
const ANY_SCREEN = { width: 100_000, height: 100_000 };

export class Flows {
  readonly #store: FlowStore;
  readonly #record: RecordEvent;

  constructor(parts: { store: FlowStore; record: RecordEvent }) {
    this.#store = parts.store;
    this.#record = parts.record;
  }

  /** Fails with `flow_invalid`. */
  async save(caller: Caller, { name, yaml }: { name: string; yaml: string }): Promise<Flow> {
    const tenant = tenantOf(caller);
    const { appId } = readFlow(yaml, ANY_SCREEN);
    if ((await this.#store.count(tenant)) >= MOST_FLOWS)
      throw new PhonerackError("quota_exceeded", `at most ${MOST_FLOWS} flows; remove some first`);
    const flow: Flow = { id: newId("f"), tenant, name, appId, yaml, createdAt: Date.now(), createdBy: caller.name };
    await this.#store.add(flow);
    this.#record({ actor: caller.actor, tenant, kind: "flow.saved", subject: flow.id, detail: { name, app: appId } });
    return flow;
  }

  list(caller: Caller): Promise<Omit<Flow, "yaml">[]> {
    return this.#store.list(tenantOf(caller));
  }

  async get(caller: Caller, id: string): Promise<Flow> {
    const flow = await this.#store.get(tenantOf(caller), id);
    if (!flow) throw new PhonerackError("flow_not_found", id);
    return flow;
  }

  async remove(caller: Caller, id: string): Promise<void> {
    const tenant = tenantOf(caller);
    if (!(await this.#store.remove(tenant, id))) throw new PhonerackError("flow_not_found", id);
    this.#record({ actor: caller.actor, tenant, kind: "flow.removed", subject: id, detail: {} });
  }
}
