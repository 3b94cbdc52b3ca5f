/**
 * A terminal on somebody's laptop: it has no data folder with an admin token, it trusts a CA whose fingerprint was compared, a browser lets it
 * in, and then it takes phones and gives them back.
 */
import { readFile, rm, stat } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { firstLine, launch, type Ran, run, startUp, temporaryFolder, type Up } from "./phonerack.js";

// Each of these starts processes; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

let up: Up;
let home: string;
let ca: string;
let fingerprint: string;
let cookie: string;
beforeAll(async () => {
  home = await temporaryFolder();
  up = await startUp({ virtual: 3, words: ["--host", "0.0.0.0"] });
  ca = await readFile(join(up.data, "tls", "ca.crt"), "utf8");
  const refused = await laptop("login", "--control", up.url, "--json");
  fingerprint = /SHA-256 ((?:[0-9A-F]{2}:){31}[0-9A-F]{2})/.exec(refused.stderr)?.[1] ?? "";
  const link = new URL((await run("link", "--data", up.data)).stdout.trim());
  cookie = (await browser("GET", link.pathname + link.search)).cookie;
});
afterAll(async () => {
  await up?.stop();
  await rm(home, { recursive: true, force: true });
});

const AWAY = { PHONERACK_TOKEN: undefined, PHONERACK_URL: undefined, PHONERACK_CA: undefined };

/** A command on a machine that only knows what it is told. */
function start(...words: string[]) {
  return launch([...words, "--data", join(home, "data")], { ...AWAY, XDG_CONFIG_HOME: join(home, "config") });
}

async function laptop(...words: string[]): Promise<Ran> {
  const running = start(...words);
  return { code: await running.exited, stdout: running.stdout(), stderr: running.stderr() };
}

/** What the owner's browser does; in another way than by the code that is tested. */
function browser(method: string, path: string, body?: object): Promise<{ status: number; cookie: string; body: string }> {
  const headers = { "content-type": "application/json", origin: up.url, ...(cookie ? { cookie } : {}) };
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, up.url), { method, headers, ca, agent: false }, (response) => {
      const set = response.headers["set-cookie"]?.map((each) => each.split(";")[0]).join("; ") ?? "";
      text(response).then((read) => resolve({ status: response.statusCode ?? 0, cookie: set, body: read }), reject);
    });
    asked.on("error", reject).end(body && JSON.stringify(body));
  });
}

describe("phonerack login", () => {
  test("sends nothing to a control whose CA nobody has compared, or compared and found another", async () => {
    expect(fingerprint).toMatch(/^([0-9A-F]{2}:){31}/);
    const other = await laptop("login", "--control", up.url, "--json", "--fingerprint", fingerprint.replaceAll(/[0-9]/g, "0"));
    expect(other.code).toBe(1);
    expect(JSON.parse(other.stderr)).toMatchObject({ error: { code: "certificate_untrusted" } });
    await expect(stat(join(home, "config/phonerack/credentials.json"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("is refused when the browser says no", async () => {
    const running = start("login", "--control", up.url, "--json", "--fingerprint", fingerprint);
    const { code } = JSON.parse(await firstLine(running)) as { code: string };
    await browser("GET", `/api/auth/device?user_code=${code}`);
    expect((await browser("POST", "/api/auth/device/deny", { userCode: code })).status).toBe(200);
    expect(await running.exited).toBe(1);
    expect(JSON.parse(running.stderr())).toMatchObject({ error: { code: "login_refused" } });
  });

  test("is let in by the browser, and is that person from then on", async () => {
    const running = start("login", "--control", up.url, "--json", "--fingerprint", fingerprint);
    const { code, link } = JSON.parse(await firstLine(running)) as { code: string; link: string };
    expect(new URL(link).origin).toBe(up.url);
    expect(link).toContain(code.replace("-", ""));
    await browser("GET", `/api/auth/device?user_code=${code}`);
    expect((await browser("POST", "/api/auth/device/approve", { userCode: code })).status).toBe(200);
    expect(await running.exited).toBe(0);
    const file = join(home, "config/phonerack/credentials.json");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, "utf8")).not.toContain(up.token);
    const who = await laptop("whoami", "--json");
    expect(who).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(who.stdout)).toMatchObject({ url: up.url, kind: "person", tenant: "lab", role: "owner" });
  });
});

describe("phonerack lease", () => {
  const ids: string[] = [];
  const json = async (...words: string[]) => {
    const ran = await laptop(...words, "--json");
    return JSON.parse(ran.code === 0 ? ran.stdout : ran.stderr);
  };

  test("takes what it is asked for, and input works on that alone", async () => {
    await expect
      .poll(async () => (await laptop("devices", "--state", "ready")).stdout.match(/ready/g)?.length, { timeout: 60_000 })
      .toBe(3);
    const untaken = await laptop("key", "V01-01", "HOME");
    expect(untaken.stderr).toMatch(/\(phonerack lease take V01-01\)\n$/);
    const lease = await json("lease", "take", "V01-01", "--for", "2m", "--purpose", "a test", "--idle", "never");
    expect(lease).toMatchObject({ phase: "active", purpose: "a test", idleMinutes: null, devices: [{ name: "V01-01" }] });
    ids.push(lease.id);
    const touched = await laptop("key", "V01-01", "HOME");
    expect(touched).toMatchObject({ code: 0, stdout: "delivered\n" });
    expect(touched.stderr).toMatch(/^phonerack: the lease of V01-01 ends at .*phonerack lease extend l-\w+ --for 30m.*\n$/);
    expect((await laptop("devices")).stdout).toMatch(/V01-01 +ready +yours until \d\d:\d\d/);
  });

  test("refuses what cannot be granted whole, with until when", async () => {
    const refused = await json("lease", "take", "--chassis", "V01", "--count", "3");
    expect(refused.error).toMatchObject({ code: "lease_unavailable" });
    expect(await json("lease", "take", "--where", "model=Nothing")).toMatchObject({ error: { code: "no_device_matches" } });
    expect(await laptop("lease", "take")).toMatchObject({ code: 2 });
    expect(await laptop("lease", "take", "V01-01", "--count", "2")).toMatchObject({ code: 2 });
    expect(await laptop("lease", "take", "--until", "yesterday")).toMatchObject({ code: 2 });
  });

  test("extends, shows and lists", async () => {
    const before = await json("lease", "show", ids[0] ?? "");
    const after = await json("lease", "extend", ids[0] ?? "", "--for", "30m");
    expect(after.until - before.until).toBe(30 * 60_000);
    const listed = await json("lease", "list", "--mine", "--phase", "active");
    expect(listed.items.map(({ id }: { id: string }) => id)).toEqual(ids);
    expect((await laptop("lease", "list")).stdout).toMatch(/^ID +PHASE +WHO +DEVICES +FROM +UNTIL +PURPOSE\n/);
  });

  test("waits in the queue, says its place, and leaves it at Ctrl-C", async () => {
    const waiting = start("lease", "take", "V01-01", "--wait", "--for", "5m");
    await expect.poll(() => waiting.stderr(), { timeout: 30_000 }).toMatch(/^l-\w+ waits: place 1, /);
    waiting.child.kill("SIGINT");
    expect(await waiting.exited).toBe(130);
    expect(waiting.stderr()).toMatch(/left the queue\n$/);
    expect((await json("lease", "list", "--phase", "queued")).items).toEqual([]);
  });

  test("is granted in the queue once the phone is given back and clean", async () => {
    const waiting = start("lease", "take", "V01-01", "--wait", "--for", "5m", "--json");
    await expect.poll(() => waiting.stderr(), { timeout: 30_000 }).toMatch(/waits/);
    expect(await json("lease", "release", ids[0] ?? "")).toMatchObject({ phase: "ended", endReason: "released" });
    expect(await waiting.exited).toBe(0);
    expect(JSON.parse(waiting.stdout())).toMatchObject({ phase: "active", devices: [{ name: "V01-01" }] });
  });

  test("gives all back", async () => {
    const { items } = await json("lease", "release", "--all");
    expect(items).toHaveLength(1);
    expect(await laptop("lease", "release", "--all")).toMatchObject({ code: 0, stdout: "You hold nothing.\n" });
    expect(await json("lease", "release", "l-aaaaaaaaaa")).toMatchObject({ error: { code: "lease_not_found" } });
  });
});

describe("phonerack logout", () => {
  test("ends the log-in here and there", async () => {
    const kept = JSON.parse(await readFile(join(home, "config/phonerack/credentials.json"), "utf8"));
    const { token } = kept.logIns[up.url];
    expect(await laptop("logout")).toMatchObject({ code: 0, stdout: `Logged out of ${up.url}\n`, stderr: "" });
    expect((await laptop("whoami")).code).toBe(1);
    const words = ["whoami", "--json", "--control", up.url, "--ca", join(up.data, "tls", "ca.crt"), "--token", token];
    expect(JSON.parse((await laptop(...words)).stderr)).toMatchObject({ error: { code: "unauthorised" } });
  });
});
