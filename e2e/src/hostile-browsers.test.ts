/**
 * Browsers and programs that send garbage, ask for everything or never read, beside one that looks at two phones and touches them: each gets
 * one named error of the table, and nobody else notices.
 */
import { once } from "node:events";
import { type RequestOptions, request } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import WebSocket from "ws";
import { LiveViewer } from "./live-viewer.js";
import { type DeviceView, devicesOf, takeDevices, type Up, untilDevices } from "./phonerack.js";
import { residentMiB, startLabWith, startVirtualChassis, type VirtualChassis } from "./virtual-chassis.js";

let up: Up;
let viewer: LiveViewer;
let devices: DeviceView[];
let taps: readonly string[];
let memoryBefore: number;
let deaf: Socket[];
const started: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  const phones: VirtualChassis = await startVirtualChassis(2);
  started.push(() => phones.stop());
  up = await startLabWith(phones.addresses);
  started.push(() => up.stop());
  devices = await untilDevices(up, (all) => all.length === 2 && all.every(({ state }) => state === "ready"), 60_000);
  await takeDevices(
    up,
    devices.map(({ id }) => id),
  );
  viewer = await LiveViewer.open(up);
  started.push(() => viewer.close());
  for (const { id, slot } of devices) {
    // Blocks moves without end, so there is always something to send.
    await phones.post(slot ?? 0, "foreground", { package: "dev.phonerack.blocks" });
    viewer.watch(slot ?? 0, id);
  }
  await expectPictures();
  const tapping = viewer.keepTapping(devices.map(({ id }) => id));
  taps = tapping.outcomes;
  started.push(() => tapping.stop());
  memoryBefore = await residentMiB(up.pid);
  deaf = await Promise.all([1, 2, 3, 4].map(openDeaf));
  started.push(() => deaf.forEach((socket) => void socket.destroy()));
}, 180_000);
afterAll(async () => {
  for (const stop of started.reverse()) await stop();
});

async function expectPictures(): Promise<void> {
  for (const { slot } of devices) await viewer.moreFrames(slot ?? 0);
}

/** A browser that watches all there is and reads nothing of it. */
async function openDeaf(): Promise<Socket> {
  const socket = connect(Number(new URL(up.url).port), "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  const headers = ["Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Key: ${Buffer.alloc(16).toString("base64")}`];
  socket.write(
    `GET /api/v1/live HTTP/1.1\r\nHost: ${new URL(up.url).host}\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer ${up.token}\r\n${headers.join("\r\n")}\r\n\r\n`,
  );
  await once(socket, "readable");
  socket.pause();
  let stream = 0;
  for (const { id } of devices)
    for (const tier of ["full", "tile"]) socket.write(textFrame({ type: "watch", stream: ++stream, deviceId: id, tier }));
  return socket;
}

/** A masked WebSocket text message of less than 126 bytes (RFC 6455, 5.2); the mask is zero. */
function textFrame(message: object): Buffer {
  const payload = Buffer.from(JSON.stringify(message));
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

describe("a live socket answers with one named error", () => {
  const WATCH = { type: "watch", stream: 1, tier: "full" };
  const TAP = { type: "tap", x: 1, y: 1 };
  test.each<[string, string | Buffer]>([
    ["text that is no JSON", "}{"],
    ["nothing", ""],
    ["binary", Buffer.from([1, 2, 3])],
    ["a type that is none", JSON.stringify({ type: "shell", command: "id" })],
    ["a list", "[]"],
    ["100 KB of brackets", "[".repeat(50_000) + "]".repeat(50_000)],
    ["a deep message", `{"type":"input","seq":1,"deviceId":"dev-1","input":${'{"a":'.repeat(15_000)}1${"}".repeat(15_000)}}`],
    ["a stream beyond 32 bits", JSON.stringify({ ...WATCH, stream: 2 ** 32, deviceId: "dev-1" })],
    ["a device id with a bus wildcard", JSON.stringify({ ...WATCH, deviceId: "dev.*.>" })],
    ["a prototype", '{"__proto__":{"type":"devices"}}'],
    ["a touch beyond all screens", JSON.stringify({ type: "input", seq: 1, deviceId: "dev-1", input: { ...TAP, x: 1e300 } })],
    [
      "a text of 20,000",
      JSON.stringify({ type: "input", seq: 1, deviceId: "dev-1", input: { type: "text", text: "x".repeat(20_000) } }),
    ],
  ])("to %s, and goes on", async (_what, message) => {
    const browser = await LiveViewer.open(up);
    browser.socket.send(message);
    browser.say({ type: "ping", at: 1 });
    await expect.poll(() => browser.messages.map(({ type }) => type)).toEqual(["error", "pong"]);
    expect(browser.messages[0]).toMatchObject({ code: "bad_request", message: expect.stringContaining("contract") });
    expect(JSON.stringify(browser.messages[0]).length).toBeLessThan(2_000);
    browser.close();
  });

  test.each<[string, number, (socket: WebSocket) => void]>([
    ["a message of 1 MB", 1009, (socket) => socket.send("x".repeat(1_000_000))],
    ["text that is no UTF-8", 1007, (socket) => socket.send(Buffer.from([0xff, 0xfe, 0xff]), { binary: false })],
    ["garbage three times", 1008, (socket) => [1, 2, 3].map(() => socket.send("garbage"))],
    ["garbage ten thousand times", 1008, (socket) => Array.from({ length: 10_000 }, () => socket.send("garbage"))],
  ])("or its closing code, to %s", async (_what, code, act) => {
    const { socket } = await LiveViewer.open(up);
    const closed = once(socket, "close");
    act(socket);
    expect((await closed)[0]).toBe(code);
  });

  test("to a device that is none", async () => {
    const browser = await LiveViewer.open(up);
    browser.watch(7, "nobody-here");
    await expect
      .poll(() => browser.messages[0])
      .toMatchObject({ type: "stream", stream: 7, error: { code: "device_not_found" } });
    expect(await browser.input("nobody-here", TAP)).toMatch(/^failed .*device_not_found/);
    browser.close();
  });

  test("to ten thousand streams: so many are refused, and the others keep theirs", async () => {
    const browser = await LiveViewer.open(up);
    for (let stream = 1; stream <= 10_000; stream++) browser.watch(stream, devices[stream % 2]?.id ?? "");
    await expect.poll(() => browser.messages.length, { timeout: 20_000 }).toBeGreaterThan(9_000);
    expect(new Set(browser.messages.map(({ error }) => error?.code))).toEqual(new Set(["too_many"]));
    await expectPictures();
    browser.close();
  });
});

/** What the API says: `200`, or the status and the code of a refusal that is a row of the table and nothing more. */
async function ask(options: RequestOptions, body?: { text: string; endless?: boolean }): Promise<string> {
  const { hostname, port } = new URL(up.url);
  const headers = { authorization: `Bearer ${up.token}`, ...(options.headers as Record<string, string>) };
  const asking = request({ hostname, port, ...options, headers });
  const answered = once(asking, "response");
  if (body?.endless) asking.write(body.text);
  else asking.end(body?.text);
  const [response] = await answered;
  let text = "";
  for await (const chunk of response) text += String(chunk);
  if (response.statusCode === 200) return "200";
  const { code, message, detail, ...rest } = JSON.parse(text) as Record<string, string>;
  expect(rest).toEqual({});
  expect(message).toMatch(/^[A-Z].*\.$/);
  expect(`${message} ${detail ?? ""}`).not.toMatch(/node_modules|\bat \w+ \(|\/packages\//);
  return `${response.statusCode} ${code}`;
}

describe("the API answers with one named error", () => {
  const JSON_TYPE = { "content-type": "application/json" };
  const input = (headers: Record<string, string>): RequestOptions => ({
    method: "POST",
    path: `/api/v1/devices/${devices[0]?.id}/input`,
    headers,
  });
  const deep = `{"actions":${"[".repeat(200_000)}${"]".repeat(200_000)}}`;

  test.each<[string, string, Record<string, string>, string]>([
    ["garbage for JSON", "400 bad_request", JSON_TYPE, "}{"],
    ["no body", "400 bad_request", JSON_TYPE, ""],
    ["JSON that is no object", "400 bad_request", JSON_TYPE, '"actions"'],
    ["JSON nested 200,000 deep", "400 bad_request", JSON_TYPE, deep],
    ["a prototype", "400 bad_request", JSON_TYPE, '{"__proto__":{"x":1},"actions":[{"type":"key","key":"BACK"}]}'],
    ["a key that is none", "400 bad_request", JSON_TYPE, '{"actions":[{"type":"key","key":"__proto__"}]}'],
    [
      "ten thousand actions",
      "400 bad_request",
      JSON_TYPE,
      `{"actions":[${'{"type":"tap","x":1,"y":1},'.repeat(9_999)}{"type":"tap","x":1,"y":1}]}`,
    ],
    ["text", "400 bad_request", { "content-type": "text/plain" }, '{"actions":[]}'],
    ["a form", "400 bad_request", { "content-type": "application/x-www-form-urlencoded" }, "actions=1"],
    ["a multipart form", "400 bad_request", { "content-type": "multipart/form-data; boundary=x" }, "--x--"],
    ["XML", "400 bad_request", { "content-type": "application/xml" }, "<actions/>"],
    ["a content type that is none", "400 bad_request", { "content-type": ";;;" }, "{}"],
    ["another page's request", "403 forbidden_origin", { ...JSON_TYPE, origin: "https://evil.example" }, '{"actions":[]}'],
    ["a page of nowhere", "403 forbidden_origin", { ...JSON_TYPE, origin: "null" }, '{"actions":[]}'],
    ["a foreign Host", "403 forbidden_origin", { ...JSON_TYPE, host: "rebound.example" }, '{"actions":[]}'],
    ["a wrong token", "401 unauthorised", { ...JSON_TYPE, authorization: "Bearer nonsense" }, '{"actions":[]}'],
    ["a token of 8 KB", "401 unauthorised", { ...JSON_TYPE, authorization: `Bearer ${"x".repeat(8_000)}` }, '{"actions":[]}'],
    ["a cookie of nobody", "401 unauthorised", { ...JSON_TYPE, authorization: "", cookie: "phonerack=%00%ff" }, '{"actions":[]}'],
    ["2 MB", "413 too_large", JSON_TYPE, `{"actions":"${"x".repeat(2_000_000)}"}`],
  ])("to %s", async (_what, answer, headers, body) => {
    const length = { "content-length": String(Buffer.byteLength(body)) };
    expect(await ask(input({ ...headers, ...length }), { text: body })).toBe(answer);
  });

  test("to a body without end", async () => {
    const body = { text: " ".repeat(1024 * 1024 + 1), endless: true };
    expect(await ask(input({ ...JSON_TYPE, "transfer-encoding": "chunked" }), body)).toBe("413 too_large");
  });

  const LONG = "x".repeat(5_000);
  test.each([
    ["/api/v1/devices/..%2f..%2fsession", "400 bad_request"],
    ["/api/v1/devices/%00", "400 bad_request"],
    ["/api/v1/devices/%ff", "400 bad_request"],
    ["/api/v1/devices?limit=1e9", "400 bad_request"],
    ["/api/v1/devices?cursor=%00%00", "400 bad_request"],
    ["/api/v1/devices?q=LONG", "400 bad_request"],
    ["/api/v1/devices/LONG", "404 not_found"],
    ["/api/v1/../../etc/passwd", "404 not_found"],
    ["/assets/../../package.json", "400 bad_request"],
    ["/assets/..%2f..%2fpackage.json", "400 bad_request"],
    ["/assets/%2e%2e/%2e%2e/package.json", "400 bad_request"],
    ["/assets/..\\..\\package.json", "400 bad_request"],
    ["/assets/%00.js", "400 bad_request"],
    ["/../admin-token.txt", "400 bad_request"],
    ["//etc/passwd.txt", "404 not_found"],
  ])("to GET %s", async (path, answer) => {
    expect(await ask({ path: path.replace("LONG", LONG) })).toBe(answer);
  });

  test.each<[string, number, Record<string, string>]>([
    ["without a token", 401, { authorization: "" }],
    ["with a wrong token", 401, { authorization: "Bearer nonsense" }],
    ["of another page", 403, { origin: "https://evil.example" }],
    ["to a foreign Host", 403, { host: "rebound.example" }],
  ])("to a live socket %s", async (_what, status, headers) => {
    const socket = new WebSocket(`${up.url.replace("http", "ws")}/api/v1/live`, {
      headers: { authorization: `Bearer ${up.token}`, ...headers },
    });
    const [, response] = await once(socket, "unexpected-response");
    expect(response.statusCode).toBe(status);
    socket.on("error", () => undefined);
    socket.terminate();
  });

  test("to headers of 100 KB", async () => {
    expect(await ask({ path: "/api/v1/health", headers: { "x-long": "x".repeat(100_000) } })).toMatch(/^4\d\d bad_request/);
  });
});

describe("a browser that never reads", () => {
  test("is cut off when what it asks for has no end", async () => {
    const socket = await openDeaf();
    const questions = Buffer.concat(Array(1_000).fill(textFrame({ type: "ping", at: 1 })));
    for (const deadline = Date.now() + 30_000; !socket.destroyed && Date.now() < deadline; )
      if (!socket.write(questions)) await Promise.race([once(socket, "drain").catch(() => undefined), sleep(100)]);
    expect(socket.destroyed).toBe(true);
  }, 60_000);

  test("costs little memory and is given up, while the others see and touch their phones as before", async () => {
    await expect
      .poll(async () => (await devicesOf(up)).map(({ watchers }) => watchers), { timeout: 60_000, interval: 500 })
      .toEqual([1, 1]);
    expect((await residentMiB(up.pid)) - memoryBefore).toBeLessThan(96);
    await expectPictures();
    expect(taps.length).toBeGreaterThan(20);
    expect(new Set(taps)).toEqual(new Set(["delivered"]));
    expect(up.stderr()).toBe("");
  }, 90_000);
});
