/** For tests: a phone on which UiAutomator2's server runs, and a client that speaks HTTP over a socket of the phone's own port. */
import { buildApk } from "@phonerack/apk";
import { phoneFixture } from "../chassis/phone-fixture.js";
import type { VirtualPhone } from "../chassis/virtual-phone.js";
import { sampleKey } from "../models/signers.js";
import type { LatencyName } from "../phone/latency.js";
import { SERVER_INSTRUMENTATION } from "./instrumentation.js";

const SERVER = "io.appium.uiautomator2.server";

export interface Answer {
  readonly status: number;
  /** The response's `value`. */
  readonly value: unknown;
}

export interface AutomatedPhone {
  readonly virtual: VirtualPhone;
  /** The `am instrument` that runs; resolves when it ends. */
  readonly run: Promise<{ stdout: string; exitCode: number }>;
  /** @param path below the session; from "/" on when it starts so and `bare` is set. */
  call(method: string, path: string, body?: object): Promise<Answer>;
  bare(method: string, path: string, body?: object): Promise<Answer>;
  stop(): Promise<void>;
}

/** Stand-ins with the names of the server's two packages: what they hold runs nowhere, here as with the real ones. */
export async function installServer(virtual: VirtualPhone): Promise<void> {
  for (const name of [SERVER, `${SERVER}.test`]) {
    const apk = buildApk(
      { package: name, versionName: "10.6.6", versionCode: 235, activities: [] },
      sampleKey("phonerack samples"),
    );
    const { stdout } = await virtual.run(`pm install -S ${apk.length}`, { stdin: apk });
    if (!stdout.includes("Success")) throw new Error(stdout);
  }
}

export async function automatedPhone(options: { model?: string; latency?: LatencyName } = {}): Promise<AutomatedPhone> {
  const virtual = phoneFixture(options);
  await installServer(virtual);
  const over = new AbortController();
  const run = virtual.run(`am instrument -w ${SERVER_INSTRUMENTATION}`, { signal: over.signal });
  while (!virtual.sockets.isBound("tcp:6790")) await new Promise((resolve) => setTimeout(resolve, 5));
  const bare = (method: string, path: string, body?: object): Promise<Answer> => ask(virtual, { method, path, body });
  const created = await bare("POST", "/session", { capabilities: { alwaysMatch: {}, firstMatch: [{}] } });
  const { sessionId } = created.value as { sessionId: string };
  return {
    virtual,
    run,
    bare,
    call: (method, path, body) => bare(method, `/session/${sessionId}${path}`, body),
    stop: async () => {
      over.abort();
      await run;
      await virtual.stop();
    },
  };
}

/** One request on a connection of its own. */
async function ask(
  virtual: VirtualPhone,
  { method, path, body }: { method: string; path: string; body: object | undefined },
): Promise<Answer> {
  const content = body === undefined ? "" : JSON.stringify(body);
  const head = `${method} ${path} HTTP/1.1\r\nHost: phone\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(content)}\r\n\r\n`;
  const answer = await exchange(virtual, head + content);
  const [header = "", json = ""] = answer.split("\r\n\r\n");
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(header)?.[1] ?? 0);
  return { status, value: (JSON.parse(json) as { value: unknown }).value };
}

/** Sends bytes to the server's port and reads until it closes. */
export async function exchange(virtual: VirtualPhone, bytes: string): Promise<string> {
  const socket = virtual.sockets.connect("tcp:6790");
  if (!socket) throw new Error("nobody listens on the server's port");
  await socket.write(Buffer.from(bytes));
  const chunks: Uint8Array[] = [];
  for await (const chunk of socket.input) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
