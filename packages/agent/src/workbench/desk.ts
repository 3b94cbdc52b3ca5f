/** Work on this agent's phones, as the bus asks for it: pipes, questions and tasks, each handed to the noun that knows it. */
import {
  AskOrder,
  AskReply,
  acceptPipes,
  type Bus,
  type BusMessage,
  decodeMessage,
  encodeMessage,
  PhonerackError,
  type Pipe,
  type PipeOrder,
  subjects,
  TaskOrder,
  TaskReply,
} from "@phonerack/contract/bus";
import { serveAdb } from "../adb/serve-adb.js";
import type { Blobs } from "../blobs/blobs.js";
import { readClipboard } from "../clipboard/clipboard.js";
import { listFolder } from "../files/folder.js";
import { serveGet } from "../files/serve-get.js";
import { requireFresh, requireShown } from "../hold/held.js";
import { serveLog } from "../logs/serve-log.js";
import { describePackage, listPackages } from "../packages/packages.js";
import type { Locations } from "../settings/locations.js";
import { readDeviceSettings } from "../settings/settings.js";
import { serveShell } from "../shell/serve-shell.js";
import type { Tasks } from "../tasks/tasks.js";
import type { PhoneAtWork } from "./phone-at-work.js";

const PIPES_A_PHONE = 300;

export interface WorkDeskParts {
  readonly agentId: string;
  readonly bus: Bus;
  readonly blobs: Blobs;
  readonly tasks: Tasks;
  readonly locations: Locations;
  phone(id: string): PhoneAtWork | undefined;
}

type Serve = (pipe: Pipe) => Promise<void>;

/** Serves until `stop`. */
export function startWorkDesk(parts: WorkDeskParts): { stop(): void } {
  const { agentId, bus, blobs, tasks } = parts;
  const pipes = new OpenPipes();
  const anyPhone = { agentId, id: "*" };
  const phoneOf = (id: string): PhoneAtWork => {
    const phone = parts.phone(id);
    if (!phone) throw new PhonerackError("device_not_ready", "this agent does not have it");
    return phone;
  };
  const subscriptions = [
    acceptPipes(bus, agentId, async (order): Promise<Serve> => {
      if (order.deviceId === null) {
        if (order.service.type !== "blob") throw new PhonerackError("bad_request", "which phone?");
        return blobs.receive(order.service);
      }
      const phone = phoneOf(order.deviceId);
      requireHolder(phone, order);
      return pipes.guard(phone, await take(phone, order));
    }),
    bus.subscribe(subjects.ask(anyPhone), async ({ subject, payload }: BusMessage) => {
      const order = decodeMessage(AskOrder, payload);
      const phone = phoneOf(idIn(subject));
      requireShown(phone.custody.held, order.epoch);
      requireFresh(order.notAfter, Date.now());
      const reply = await answer(phone, order.question, parts.locations);
      // It may show what the next holder does.
      requireShown(phone.custody.held, order.epoch);
      return encodeMessage(AskReply, reply);
    }),
    bus.subscribe(subjects.task(anyPhone), ({ subject, payload }: BusMessage) =>
      encodeMessage(TaskReply, { standing: tasks.order(idIn(subject), decodeMessage(TaskOrder, payload)) }),
    ),
  ];
  return {
    stop: () => {
      for (const subscription of subscriptions) subscription.unsubscribe();
      pipes.stop();
    },
  };
}

function idIn(subject: string): string {
  return subject.split(".")[2] ?? "";
}

/** Refuses pipes of anybody but the present holder. */
function requireHolder(phone: PhoneAtWork, { epoch, actor, notAfter }: PipeOrder): void {
  const { held } = phone.custody;
  requireShown(held, epoch);
  requireFresh(notAfter, Date.now());
  if (held.phase !== "leased" || held.actor !== actor) throw new PhonerackError("lease_required");
}

async function take(phone: PhoneAtWork, order: PipeOrder): Promise<Serve> {
  const { service } = order;
  switch (service.type) {
    case "adb":
      return serveAdb(phone, order, service);
    case "shell":
      return serveShell(phone, order, service);
    case "log":
      return serveLog(phone, order, service);
    case "get":
      return serveGet(phone, order, service);
    case "blob":
      throw new PhonerackError("bad_request", "a blob is no phone's");
  }
}

async function answer(phone: PhoneAtWork, question: AskOrder["question"], locations: Locations): Promise<AskReply> {
  const { type } = question;
  switch (type) {
    case "packages":
      return { type, packages: await listPackages(phone) };
    case "package":
      return { type, package: await describePackage(phone, question.package) };
    case "folder":
      return { type, list: await listFolder(phone, question) };
    case "settings":
      return { type, settings: await readDeviceSettings(phone, locations) };
    case "clipboard":
      return { type, text: await readClipboard(phone) };
  }
}

/** The pipes that are open: all of a phone's end in the same turn of the event loop in which it changes hands, or is lost. */
class OpenPipes {
  readonly #open = new Map<PhoneAtWork, { readonly pipes: Set<Pipe>; readonly forget: () => void }>();

  guard(phone: PhoneAtWork, serve: Serve): Serve {
    if ((this.#open.get(phone)?.pipes.size ?? 0) >= PIPES_A_PHONE)
      throw new PhonerackError("too_many", `${PIPES_A_PHONE} connections of this phone`);
    const { epoch } = phone.custody.held;
    return async (pipe) => {
      // It may have changed hands while the order was answered.
      if (phone.custody.held.epoch !== epoch) throw new PhonerackError("epoch_stale");
      const { pipes } = this.#of(phone);
      pipes.add(pipe);
      try {
        await serve(pipe);
      } finally {
        pipes.delete(pipe);
        if (pipes.size === 0) this.#forget(phone);
      }
    };
  }

  stop(): void {
    for (const phone of this.#open.keys()) this.#end(phone, new PhonerackError("device_not_ready", "the agent stops"));
  }

  #of(phone: PhoneAtWork): { readonly pipes: Set<Pipe>; readonly forget: () => void } {
    const known = this.#open.get(phone);
    if (known) return known;
    const forget = phone.watch({
      cut: () => this.#end(phone, new PhonerackError("epoch_stale")),
      lost: () => this.#end(phone, new PhonerackError("device_not_ready", phone.report.reason ?? "its connection is over")),
      ready: () => {},
    });
    const opened = { pipes: new Set<Pipe>(), forget };
    this.#open.set(phone, opened);
    return opened;
  }

  #end(phone: PhoneAtWork, error: PhonerackError): void {
    for (const pipe of this.#open.get(phone)?.pipes ?? []) pipe.close(error);
  }

  #forget(phone: PhoneAtWork): void {
    this.#open.get(phone)?.forget();
    this.#open.delete(phone);
  }
}
