/** The commands on a real control, with phones by script. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AgentBeat, createInProcessBus, DeviceReport, encodeMessage, subjects } from "@phonerack/contract/bus";
import { type Control, startControl } from "@phonerack/control";
import pino from "pino";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { runCli } from "../program.js";

const bus = createInProcessBus();
const PNG = Buffer.from("\x89PNG\r\n\x1a\n of a label", "latin1");
let folder: string;
let control: Control;
let beating: NodeJS.Timeout;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "phonerack-register-"));
  const database = { kind: "pglite" } as const;
  const log = pino({ level: "silent" });
  control = await startControl({ bus, replica: "r1", dataDir: folder, database, host: "127.0.0.1", port: 0, version: "0", log });
  beating = setInterval(() => speak(), 500);
  speak();
  const lab = { version: 1, sites: [{ name: "深圳", country: "CN", racks: [{ name: "R", chassis: [{ name: "V01" }] }] }] };
  const headers = { authorization: `Bearer ${control.token}`, "content-type": "application/json" };
  const answer = await fetch(`${control.url}/api/v1/lab`, { method: "PUT", headers, body: JSON.stringify({ lab }) });
  expect(answer.status).toBe(200);
  // What the document leaves out of a chassis was taken out of it.
  for (const id of ["phone-1", "phone-2"])
    await fetch(`${control.url}/api/v1/devices/${id}/place`, {
      method: "PUT",
      headers,
      body: JSON.stringify({ place: { chassis: "V01", slot: Number(id.at(-1)) } }),
    });
}, 120_000);
afterAll(async () => {
  clearInterval(beating);
  await control.stop();
  await bus.stop();
  await rm(folder, { recursive: true, force: true });
});

let found: DeviceReport["isolation"];
function speak(isolation = found): void {
  found = isolation;
  const beat = { agentId: "a", host: "here", version: "0", startedAt: 1, devices: 2, grounds: {} };
  bus.publish(subjects.beat("a"), encodeMessage(AgentBeat, AgentBeat.parse(beat)));
  for (const slot of [1, 2]) {
    const none = {
      serial: null,
      manufacturer: null,
      release: null,
      sdk: null,
      screen: null,
      battery: null,
      foreground: null,
      doubt: null,
    };
    const hold = { epoch: 0, phase: "free", note: null };
    const state = { state: "ready", reason: null, since: 1, steps: [], notices: [], audio: false, hold };
    const id = `phone-${slot}`;
    const report = {
      ...none,
      ...state,
      id,
      agentId: "a",
      reach: "usb",
      address: `usb:1-${slot}`,
      chassis: "V01",
      slot,
      model: "TET-AN00",
      isolation,
    };
    bus.publish(subjects.report("a", id), encodeMessage(DeviceReport, DeviceReport.parse(report)));
  }
}

/** @returns the exit code and what was written */
async function run(...words: string[]): Promise<{ code: number; out: string }> {
  let out = "";
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += String(text);
    return true;
  });
  const quiet = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    out += String(text);
    return true;
  });
  try {
    return { code: await runCli(["register", ...words, "--control", control.url, "--token", control.token]), out };
  } finally {
    write.mockRestore();
    quiet.mockRestore();
    process.exitCode = undefined;
  }
}

test("from a spreadsheet to phones that may be in a network", async () => {
  expect(await run("list")).toMatchObject({
    code: 0,
    out: expect.stringMatching(/V01-01 +phone-1 +CN +isolated +no .*no record/),
  });
  expect((await run("show", "V01-01")).out).toContain("cut off    not looked at yet");
  speak({ verified: null, leadsOut: "It leads out by wlan0." });
  await expect.poll(async () => (await run("show", "V01-01")).out).toContain("cut off    no: It leads out by wlan0.");
  speak({ verified: 1_700_000_000_000, leadsOut: null });
  await expect.poll(async () => (await run("list")).out).toMatch(/V01-01 +phone-1 +CN +isolated +yes /);
  const csv = join(folder, "phones.csv");
  const head = "device,model,imei,nal.number,nal.model,nal.expires,srrc.number,srrc.model,srrc.expires\n";
  const row = (name: string, imei: string) =>
    `${name},TET-AN00,${imei},00-D710-208871,TET-AN00,2099-01-01,2020CP10858,TET-AN00,2099-01-01\n`;
  await writeFile(csv, head + row("V01-01", "864725048031204") + row("V01-02", "864725048031204"));
  expect(await run("import", csv)).toMatchObject({
    code: 1,
    out: expect.stringContaining("line 3: V01-02 imeis: IMEI 864725048031204 is that of V01-01, too"),
  });
  await writeFile(csv, head + row("V01-01", "864725048031204") + row("V01-02", "864725048031212"));
  expect(await run("import", csv, "--dry-run")).toMatchObject({ code: 0, out: expect.stringContaining("2 would be") });
  expect(await run("import", csv)).toMatchObject({ code: 0, out: expect.stringContaining("2 of 2 devices changed") });
  const photo = join(folder, "label.png");
  await writeFile(photo, PNG);
  const attached = JSON.parse((await run("attach", "V01-01", photo, "--scheme", "nal", "--json")).out);
  expect((await run("show", "V01-01")).out).toMatch(/nal +00-D710-208871, for TET-AN00, until 2099-01-01: document-attached/);
  const saved = join(folder, "saved.png");
  expect((await run("document", attached.id, saved)).code).toBe(0);
  expect((await readFile(saved)).equals(PNG)).toBe(true);
  expect(await run("confirm", "nal", "00-D710-208872", "--screenshot", photo)).toMatchObject({ code: 1 });
  expect((await run("confirm", "nal", "00-D710-208871", "--screenshot", photo)).out).toContain("confirmed for 2 devices");
  expect((await run("confirm", "srrc", "2020CP10858", "--evidence", attached.id)).out).toContain("confirmed for 2 devices");
  expect((await run("list", "--class", "public")).out).toMatch(/V01-01 .*public +2099-01-01[\s\S]*V01-02 .*public/);
});

test("which licences a country asks for is said by the lab's owner", async () => {
  expect((await run("schemes", "--country", "DE", "--needs", "ce")).out).toContain("DE: ce");
  expect((await run("schemes", "--country", "de", "--needs", "ce")).code).toBe(2);
  expect((await run("schemes")).out).toContain("CN: nal, srrc in any case");
  expect((await run("remove", "V01-02")).code).toBe(0);
  expect((await run("remove", "V01-02")).out).toContain("no record of this device");
});
