/**
 * The control API of a virtual chassis: switches faults and states of its phones, for tests and demonstrations. HTTP on 127.0.0.1 only,
 * JSON in and out; it is a tool beside the phones, no part of the lab's own API.
 *
 * GET    /phones                         → {phones: [{slot, serial, model, port, up, connections, faults, foreground, battery}]}
 * GET    /phones/{slot}                  → one of them
 * GET    /faults                         → {faults: [names]}
 * POST   /phones/{slot}/faults           {"drop": true, "locked": false, …} → the phone; true switches on, false off
 * DELETE /phones/{slot}/faults[/{name}]  all of them, or one, off → the phone
 * POST   /phones/{slot}/kill             power cut: its port closes → the phone
 * POST   /phones/{slot}/start            it listens again → the phone
 * POST   /phones/{slot}/reboot           → the phone
 * POST   /phones/{slot}/battery          {"level"?: 0-100, "temperature"?: tenths of °C, "status"?: 1-5, "health"?: 1-7} → the phone
 * POST   /phones/{slot}/foreground       {"package": "a.b"} brings an app to the front; {"crash": "a.b"} crashes it; {"anr": "a.b"} → the phone
 * POST   /phones/{slot}/screen           {"on"?: bool, "locked"?: bool, "rotation"?: 0-3 (how it is held)} → the phone
 * POST   /phones/{slot}/accounts         {"name": "a@b.c", "type"?: "com.example.mail", "package"?: "a.b"} adds one, as people do in Settings;
 *                                        {"name", "type", "remove": true} takes it away → the phone
 * POST   /phones/{slot}/pin              {"pin": "1234" | null} sets or removes it, as people do in Settings → the phone
 * POST   /phones/{slot}/admins           {"component": "a.b/.Admin"} gives it power over the phone; with "remove": true takes it → the phone
 * POST   /phones/{slot}/press            {"button": id} presses a button of the dialog in front, e.g. "allow" of "Allow USB debugging?"
 * GET    /phones/{slot}/screenshot       → image/png
 *
 * Errors: {error: one sentence} with 400 (bad body), 404 (no such path, phone or button), 405, 413.
 * "{slot}" may be "*" for POST and DELETE: all phones; the answer is then the whole list.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { segmentationFault, thrownBy } from "../phone/app-errors.js";
import { screenshotPng } from "../screen/screenshot.js";
import { allFaults, isFault } from "./faults.js";
import type { VirtualPhone } from "./virtual-phone.js";
import { VirtualPhonesError } from "./virtual-phones-error.js";

const MAX_BODY = 64 * 1024;

class RequestError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

type Body = Readonly<Record<string, unknown>>;
type Action = (phone: VirtualPhone, body: Body) => void | Promise<void>;

export async function startControlApi(
  phones: readonly VirtualPhone[],
  port: number,
): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    void handle(phones, request, response);
  });
  server.requestTimeout = 10_000;
  server.headersTimeout = 5000;
  await listen(server, port);
  const address = server.address();
  let stopped: Promise<void> | undefined;
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address ? address.port : port}`,
    stop: () =>
      (stopped ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      })),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = new VirtualPhonesError("port-taken", `Port ${port} for the control API is taken: choose another one or 0.`);
      reject(error.code === "EADDRINUSE" ? taken : error);
    });
    server.listen({ host: "127.0.0.1", port }, resolve);
  });
}

async function handle(phones: readonly VirtualPhone[], request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    // A web page of another origin could send simple POSTs here: nothing that a browser sends by itself is accepted.
    if (request.headers.origin !== undefined) throw new RequestError(403, "Requests from web pages are refused.");
    const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
    const screenshot = /^\/phones\/(\d+)\/screenshot$/.exec(path);
    if (screenshot && request.method === "GET") {
      const png = await screenshotPng(phoneAt(phones, screenshot[1] ?? "").phone.screen);
      response.writeHead(200, { "content-type": "image/png", "content-length": png.length }).end(png);
      return;
    }
    const result = await answer(phones, { method: request.method ?? "GET", path, body: () => readBody(request) });
    send(response, 200, result);
  } catch (error) {
    const known = error instanceof RequestError || error instanceof VirtualPhonesError;
    send(response, error instanceof RequestError ? error.status : 500, {
      error: known ? error.message : "The phone could not do that.",
    });
  }
}

function send(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) }).end(text);
}

async function readBody(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new RequestError(413, `A body may have ${MAX_BODY} bytes.`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString();
  if (text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Body;
  } catch {
    // Said below.
  }
  throw new RequestError(400, "The body must be a JSON object.");
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: () => Promise<Body>;
}

async function answer(phones: readonly VirtualPhone[], { method, path, body }: Asked): Promise<unknown> {
  const [root, slot, verb, name, ...more] = path.split("/").slice(1);
  if (root === "faults" && slot === undefined && method === "GET") return { faults: allFaults };
  if (root !== "phones" || more.length > 0) throw new RequestError(404, `There is no ${path}.`);
  if (slot === undefined) {
    if (method !== "GET") throw new RequestError(405, "Use GET.");
    return { phones: phones.map(describe) };
  }
  if (verb === undefined && method === "GET") return describe(phoneAt(phones, slot));
  const chosen = slot === "*" ? phones : [phoneAt(phones, slot)];
  // Only our own names: every object also knows `constructor` and `toString`.
  const known = verb !== undefined && Object.hasOwn(ACTIONS, verb) ? ACTIONS[verb] : undefined;
  const action =
    method === "DELETE" && verb === "faults" ? clearing(name) : method === "POST" && name === undefined ? known : undefined;
  if (!action) throw new RequestError(known ? 405 : 404, `There is no ${method} ${path}.`);
  const given = method === "POST" ? await body() : {};
  for (const phone of chosen) await action(phone, given);
  return slot === "*" ? { phones: phones.map(describe) } : describe(phoneAt(phones, slot));
}

function phoneAt(phones: readonly VirtualPhone[], slot: string): VirtualPhone {
  const phone = /^\d+$/.test(slot) ? phones[Number(slot) - 1] : undefined;
  if (!phone) throw new RequestError(404, `There is no phone in slot ${slot.slice(0, 20)}; slots are 1 to ${phones.length}.`);
  return phone;
}

function describe(phone: VirtualPhone) {
  const { slot, serial, model, port, up, connections } = phone;
  const { level, temperature } = phone.phone.battery.state;
  const foreground = phone.phone.foreground?.component;
  return {
    slot,
    serial,
    model: model.name,
    port,
    up,
    connections,
    faults: phone.faults(),
    foreground: foreground ? `${foreground.package}/${foreground.activity}` : null,
    battery: { level, temperature },
  };
}

function clearing(name: string | undefined): Action {
  if (name !== undefined && !isFault(name)) throw new RequestError(404, `There is no fault ${name.slice(0, 40)}.`);
  return (phone) => (name === undefined ? phone.clearFaults() : phone.setFault(name, false));
}

const ACTIONS: Readonly<Record<string, Action>> = {
  faults(phone, body) {
    for (const [name, on] of Object.entries(body)) {
      if (!isFault(name)) throw new RequestError(400, `There is no fault ${name.slice(0, 40)}. Known: ${allFaults.join(", ")}.`);
      if (typeof on !== "boolean") throw new RequestError(400, `${name} must be true or false.`);
    }
    for (const [name, on] of Object.entries(body)) if (isFault(name)) phone.setFault(name, on === true);
  },
  kill: (phone) => phone.kill(),
  start: (phone) => phone.start(),
  reboot: (phone) => phone.reboot(),
  battery(phone, body) {
    const values: Record<string, number> = {};
    for (const [key, [least, most]] of Object.entries({
      level: [0, 100],
      temperature: [-400, 1500],
      status: [1, 5],
      health: [1, 7],
    } as const)) {
      const value = body[key];
      if (value === undefined) continue;
      if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most)
        throw new RequestError(400, `${key} must be a whole number from ${least} to ${most}.`);
      values[key] = value;
    }
    phone.phone.battery.update(values);
  },
  foreground(phone, body) {
    const { activities, packages } = phone.phone;
    const wanted = typeof body.package === "string" ? packages.launcherActivity(body.package) : undefined;
    if (wanted) activities.start({ action: "android.intent.action.MAIN", component: `${wanted.package}/${wanted.activity}` });
    else if (typeof body.crash === "string")
      activities.crash(body.crash, thrownBy(body.crash, "java.lang.IllegalStateException", "asked to crash"));
    else if (typeof body.nativeCrash === "string") activities.crash(body.nativeCrash, segmentationFault(body.nativeCrash));
    else if (typeof body.anr === "string") void phone.phone.showNotResponding(body.anr, "Input dispatching timed out");
    else throw new RequestError(400, `Give "package" with an app that has an icon, "crash", "nativeCrash" or "anr".`);
  },
  screen(phone, body) {
    const { power, display } = phone.phone;
    if (body.on === true) power.wakeUp();
    if (body.on === false) power.sleep();
    if (body.locked === true) power.lock();
    if (body.locked === false) power.dismissKeyguard();
    const { rotation } = body;
    if (rotation === undefined) return;
    if (rotation !== 0 && rotation !== 1 && rotation !== 2 && rotation !== 3)
      throw new RequestError(400, "rotation must be 0 to 3.");
    display.hold(rotation);
  },
  accounts(phone, body) {
    const { name, type = "com.android.settings.local", package: owner = "com.android.settings", remove } = body;
    const words = [name, type, owner];
    if (!words.every((word): word is string => typeof word === "string" && /^[^\n{}]{1,200}$/.test(word)))
      throw new RequestError(400, `Give "name" and, if you like, "type" and "package", each in one line.`);
    const [known = "", kind = "", keeper = ""] = words;
    const { accounts } = phone.phone;
    const done =
      remove === true ? accounts.remove({ name: known, type: kind }) : accounts.add({ name: known, type: kind, package: keeper });
    if (!done) throw new RequestError(404, remove === true ? "There is no such account." : "That account is there already.");
  },
  pin(phone, body) {
    const { pin } = body;
    if ((pin !== null && typeof pin !== "string") || !phone.phone.power.setPin(pin))
      throw new RequestError(400, "pin must be 4 to 16 digits, or null.");
  },
  admins(phone, body) {
    const { component, remove } = body;
    const { admins } = phone.phone;
    const result = remove === true ? admins.remove(String(component), false) : admins.activate(String(component));
    if (result !== "ok") throw new RequestError(404, "Give a component of an installed package that is not active yet, or is.");
  },
  press(phone, body) {
    const { dialogs } = phone.phone;
    const button = dialogs.current?.buttons.find(({ id }) => id === body.button);
    if (!button)
      throw new RequestError(
        404,
        `No dialog with that button shows; ${dialogs.current ? `it has ${dialogs.current.buttons.map(({ id }) => id).join(", ")}` : "there is none"}.`,
      );
    dialogs.press(button.id);
  },
};
