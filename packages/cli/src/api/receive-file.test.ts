import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { receiveFile } from "./receive-file.js";

const BYTES = randomBytes(300_000);
const ETAG = '"one"';

let folder: string;
let server: Server;
let port = 0;
/** What it does to the next requests, one each; then it answers well. */
let faults: ("cut" | "cut and away" | "busy")[] = [];
let ranges: (string | undefined)[] = [];

const answer: RequestListener = (request, response) => {
  const { range } = request.headers;
  ranges.push(range);
  const fault = faults.shift();
  if (fault === "busy") return void response.writeHead(503).end();
  const from = request.headers["if-range"] === ETAG ? Number(/\d+/.exec(range ?? "")?.[0] ?? 0) : 0;
  response.writeHead(from > 0 ? 206 : 200, {
    etag: ETAG,
    "content-length": BYTES.length - from,
    ...(from > 0 ? { "content-range": `bytes ${from}-${BYTES.length - 1}/${BYTES.length}` } : {}),
  });
  if (!fault) return void response.end(BYTES.subarray(from));
  response.write(BYTES.subarray(from, from + 100_000), () => void breakOff(response, fault === "cut and away"));
};

async function breakOff(response: ServerResponse, away: boolean): Promise<void> {
  await sleep(50);
  response.destroy();
  if (!away) return;
  server.closeAllConnections();
  server.close();
  await sleep(600);
  server = createServer(answer).listen(port, "127.0.0.1");
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "phonerack-receive-"));
  faults = [];
  ranges = [];
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

const receive = () => receiveFile({ url: `http://127.0.0.1:${port}` }, "/file", { path: join(folder, "file"), token: "token" });
const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

test("goes on where it was when the connection was cut, and control away or busy for a while", async () => {
  faults = ["cut", "busy", "cut and away"];
  const mine = join(folder, "file.part");
  await writeFile(mine, "somebody's own");
  expect(await receive()).toBeUndefined();
  expect(digest(await readFile(join(folder, "file")))).toBe(digest(BYTES));
  expect(ranges).toEqual([undefined, "bytes=100000-", "bytes=100000-", "bytes=200000-"]);
  expect((await readdir(folder)).sort()).toEqual(["file", "file.part"]);
  expect(await readFile(mine, "utf8")).toBe("somebody's own");
});

test("asks nothing twice where control is not there at all, and leaves nothing", async () => {
  server.close();
  const began = Date.now();
  await expect(receive()).rejects.toMatchObject({ code: "control_unreachable" });
  expect(Date.now() - began).toBeLessThan(400);
  expect(await readdir(folder)).toEqual([]);
});

test("gives what control says instead", async () => {
  faults = ["busy"];
  expect(await receive()).toMatchObject({ status: 503 });
  expect(await readdir(folder)).toEqual([]);
});
