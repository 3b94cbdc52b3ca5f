/** What agents are told about groups: each gets its own members only, and none waits for another. */
import {
  type Bus,
  decodeMessage,
  encodeMessage,
  type GroupMode,
  GroupOrder,
  GroupReply,
  PhonerackError,
  subjects,
} from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { Devices } from "../devices/devices.js";
import type { LiveGroup } from "./live-group.js";

/** Agents answer at once; what they do then is news. */
const TOLD_WITHIN_MS = 3_000;

export class Orders {
  readonly #bus: Bus;
  readonly #devices: Devices;
  readonly #log: Logger;

  constructor(parts: { bus: Bus; devices: Devices; log: Logger }) {
    this.#bus = parts.bus;
    this.#devices = parts.devices;
    this.#log = parts.log;
  }

  agentOf(deviceId: string): string | undefined {
    return this.#devices.get(deviceId)?.agentId;
  }

  /** Agent → those of these devices that it has; devices that nobody has are left out. */
  byAgent(deviceIds: Iterable<string>): Map<string, string[]> {
    const found = new Map<string, string[]>();
    for (const id of deviceIds) {
      const agentId = this.agentOf(id);
      if (agentId === undefined) continue;
      const own = found.get(agentId);
      if (own) own.push(id);
      else found.set(agentId, [id]);
    }
    return found;
  }

  /** Fails as `bus.request` does, and with what the agent refused. */
  async send(agentId: string, order: GroupOrder, timeoutMs = TOLD_WITHIN_MS): Promise<GroupReply> {
    const reply = await this.#bus.request(subjects.group(agentId), encodeMessage(GroupOrder, order), { timeoutMs });
    return decodeMessage(GroupReply, reply);
  }

  /** Tells the agents of these members to take part. Those who could not be told stay in `toStart`; those who refused are marked. */
  async start(group: LiveGroup, deviceIds: Iterable<string>): Promise<void> {
    const { id, row } = group;
    const tell = async ([agentId, ids]: [string, string[]]) => {
      const members = ids.map((deviceId) => ({ deviceId, epoch: group.epochOf(deviceId) }));
      const { actor, aim, agreed } = row;
      try {
        await this.send(agentId, { order: "start", group: id, actor, mode: modeOf(group), aim, agreed, members });
        for (const one of ids) group.toStart.delete(one);
        group.setRefused(ids, null);
      } catch (error) {
        const known = error instanceof PhonerackError ? error : new PhonerackError("internal");
        this.#log.info({ agent: agentId, group: id, code: known.code }, "an agent does not take part in a group");
        if (known.code === "agent_unreachable" || known.code === "device_timeout") return;
        for (const one of ids) group.toStart.delete(one);
        group.setRefused(ids, known.detail ?? known.message);
      }
    };
    const present = [...deviceIds];
    for (const one of present) group.toStart.add(one);
    await Promise.all(Array.from(this.byAgent(present), tell));
  }
}

export function modeOf({ row }: LiveGroup): GroupMode {
  return row.mode === "replay" ? "script" : "group";
}
