/** The log's worker: its bytes come, are read, kept and filtered here, so that a flood costs the page nothing. */
import { PhonerackError } from "@phonerack/contract/api";
import { connectPipe, type OpenPipe } from "@phonerack/contract/client";
import type { LogFilter, LogOrder, LogReport } from "./entries.js";
import { LogStore } from "./log-store.js";

/** A page shows what is new so often. */
const VIEW_MS = 80;
const NARROW_MS = 500;
const REOPEN_MS = 3_000;
/** Ways to end that may be over in a moment. */
const PASSING: ReadonlySet<string> = new Set(["pipe_broken", "agent_unreachable", "device_not_ready", "device_timeout"]);
const TAIL = 2_000;

const store = new LogStore();
let pipe: OpenPipe | undefined;
let looking: { from: number | null; count: number } = { from: null, count: 50 };
let filter: LogFilter | undefined;
let viewTimer: ReturnType<typeof setTimeout> | undefined;
let narrowTimer: ReturnType<typeof setTimeout> | undefined;
let narrowed = "";

const report = (message: LogReport) => postMessage(message);

function showSoon(ms = VIEW_MS): void {
  if (viewTimer !== undefined && ms > 0) return;
  clearTimeout(viewTimer);
  viewTimer = setTimeout(() => {
    viewTimer = undefined;
    report(store.view(looking.from, looking.count));
  }, ms);
}

function open({ url, deviceId }: Extract<LogOrder, { type: "open" }>, tail: number): void {
  const decoder = new TextDecoder();
  pipe = connectPipe({
    url,
    deviceId,
    service: { type: "logs", wish: { tail } },
    open: (address) => new WebSocket(address),
    onData: (bytes) => {
      store.add(decoder.decode(bytes, { stream: true }));
      showSoon();
    },
    onMessage: (message) => {
      if (message.type === "processes") store.name(message.processes);
      else if (message.type === "dropped") {
        store.note({ type: "dropped", lines: message.lines });
        narrowSoon();
      }
      showSoon();
    },
  });
  report({ type: "state", state: "open" });
  pipe.ended.then(
    () => ended(new PhonerackError("pipe_broken"), { url, deviceId }),
    (error: unknown) => ended(error instanceof PhonerackError ? error : new PhonerackError("pipe_broken"), { url, deviceId }),
  );
}

function ended(error: PhonerackError, where: { url: string; deviceId: string }): void {
  report({ type: "state", state: "ended", error: error.toJSON() });
  if (!PASSING.has(error.code)) return;
  setTimeout(() => {
    narrowed = "";
    store.note({ type: "reopened" });
    if (filter) open({ type: "open", ...where, filter }, 0);
  }, REOPEN_MS);
}

/** A phone that says more than can be carried is asked only for what is looked at, so that nothing of that is lost. */
function narrowSoon(): void {
  if (narrowTimer !== undefined) return;
  narrowTimer = setTimeout(() => {
    narrowTimer = undefined;
    if (!filter || store.dropped === 0) return;
    const { level, package: name } = filter;
    const key = `${level} ${name}`;
    if (key === narrowed || (narrowed === "" && key === "V ")) return;
    narrowed = key;
    pipe?.tell({ type: "wish", wish: { tail: 0, follow: true, level, ...(name === "" ? {} : { package: name }) } });
    store.note({ type: "narrowed", level, package: name });
    showSoon();
  }, NARROW_MS);
}

function obey(order: LogOrder): void {
  switch (order.type) {
    case "open":
      filter = order.filter;
      store.filter(order.filter);
      return open(order, TAIL);
    case "filter":
      filter = order.filter;
      store.filter(order.filter);
      narrowSoon();
      return showSoon(0);
    case "look":
      looking = order;
      return showSoon(order.from === null ? VIEW_MS : 0);
    case "pause":
      store.pause(order.paused);
      return showSoon(0);
    case "find":
      return report({ type: "found", at: store.find(order.from, order.step) });
    case "clear":
      store.clear();
      return showSoon(0);
    case "save":
      return report({ type: "saved", file: new Blob(store.text(order.matching), { type: "text/plain;charset=utf-8" }) });
    case "ping":
      return report({ type: "pong", count: order.count });
  }
}

addEventListener("message", ({ data }: MessageEvent<LogOrder>) => obey(data));
