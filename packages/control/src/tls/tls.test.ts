import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { request as plainRequest } from "node:http";
import { request } from "node:https";
import { connect } from "node:net";
import { hostname, networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { connect as tlsConnect } from "node:tls";
import { PhonerackError } from "@phonerack/contract/bus";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type RunningControl, runControl, silent, until } from "../../test/running-control.js";
import { openCertificateFiles } from "./certificate-files.js";
import { createAuthority, type Issued, issueServer } from "./issue.js";
import { openLocalCa } from "./local-ca.js";

// Some start a whole control, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const DAY = 24 * 3_600_000;
const NAMES = { dns: ["lab.example", "*.racks.example"], ips: [] };

let folder: string;
let ca: Issued;
beforeAll(async () => {
  ca = await createAuthority("a test's authority", { dns: ["example"], ips: [] }, Date.now());
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "phonerack-tls-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Answer {
  readonly status: number | undefined;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
}

/** One request to a control on this machine, whatever its address is called. */
function ask(url: string, options: { ca?: string; host?: string; method?: string; servername?: string }): Promise<Answer> {
  const { protocol, port, pathname, search, host: named } = new URL(url);
  return new Promise((resolve, reject) => {
    const send = protocol === "https:" ? request : plainRequest;
    const { host = named, ...rest } = options;
    send({ ...rest, host: "127.0.0.1", port, path: pathname + search, agent: false, headers: { host } })
      .on("response", (response) => {
        const { statusCode: status, headers } = response;
        text(response).then((body) => resolve({ status, headers, text: body }), reject);
      })
      .on("error", reject)
      .end();
  });
}

/** The certificate that a server shows. */
function shownBy(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = tlsConnect({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.toString() ?? "");
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

async function writeFiles({ cert, key }: Issued): Promise<{ cert: string; key: string }> {
  const paths = { cert: join(folder, "lab.crt"), key: join(folder, "lab.key") };
  await writeFile(paths.cert, cert);
  await writeFile(paths.key, key);
  return paths;
}

describe("the local authority", () => {
  test("is made once, for ten years, with its key for its owner alone, and signs for this machine's names", async () => {
    const first = await openLocalCa({ dataDir: folder, hosts: ["rack7.lan"], log: silent });
    first.stop();
    expect((await stat(join(folder, "tls"))).mode & 0o777).toBe(0o700);
    for (const key of ["ca.key", "server.key"]) expect((await stat(join(folder, "tls", key))).mode & 0o777, key).toBe(0o600);
    const authority = new X509Certificate(first.authority?.pem ?? "");
    expect(authority.ca).toBe(true);
    expect(Date.parse(authority.validTo) - Date.now()).toBeGreaterThan(3_600 * DAY);
    expect(first.authority?.fingerprint).toBe(authority.fingerprint256);
    const { leaf } = first.current;
    expect(leaf.verify(authority.publicKey) && leaf.checkIssued(authority)).toBe(true);
    const lifetime = Date.parse(leaf.validTo) - Date.parse(leaf.validFrom);
    expect([lifetime > 300 * DAY, lifetime <= 397 * DAY]).toEqual([true, true]);
    for (const name of ["localhost", hostname().toLowerCase(), "rack7.lan"]) expect(leaf.checkHost(name), name).toBe(name);
    for (const { address } of Object.values(networkInterfaces())
      .flat()
      .filter((each) => each !== undefined))
      expect(leaf.checkIP(address.split("%")[0] ?? ""), address).toBeDefined();
    const again = await openLocalCa({ dataDir: folder, hosts: ["rack7.lan"], log: silent });
    again.stop();
    expect(again.authority).toEqual(first.authority);
    expect(again.current.cert).toBe(first.current.cert);
  });

  test("signs anew in the last month, and for a new name, but never for a name it was not made for", async () => {
    let now = Date.now();
    const source = await openLocalCa({ dataDir: folder, hosts: [], log: silent, now: () => now });
    const before = source.current;
    let heard = "";
    source.onChange(({ cert }) => {
      heard = cert;
    });
    await source.look();
    expect(heard).toBe("");
    now += 370 * DAY;
    await source.look();
    expect(heard).toBe(source.current.cert);
    expect(source.current.cert).not.toBe(before.cert);
    source.stop();
    const named = await openLocalCa({ dataDir: folder, hosts: ["lab.internal"], log: silent });
    named.stop();
    expect(named.authority).toEqual(source.authority);
    expect(named.current.leaf.checkHost("lab.internal")).toBe("lab.internal");
    const foreign = openLocalCa({ dataDir: folder, hosts: ["bank.example"], log: silent });
    await expect(foreign).rejects.toMatchObject({ code: "certificate_invalid", detail: expect.stringContaining("bank.example") });
  });

  test("cannot sign for anybody else: a client that trusts it refuses such a certificate", async () => {
    const stolen = await issueServer(ca, { dns: ["bank.test"], ips: [] }, Date.now());
    const allowed = await issueServer(ca, { dns: ["lab.example"], ips: [] }, Date.now());
    const { createServer } = await import("node:https");
    const tried = async (pair: Issued, servername: string) => {
      const server = createServer(pair, (_request, response) => response.end("hello")).listen(0, "127.0.0.1");
      await new Promise((resolve) => server.once("listening", resolve));
      const { port } = server.address() as { port: number };
      try {
        return (await ask(`https://localhost:${port}/`, { ca: ca.cert, servername })).text;
      } catch (error) {
        return (error as Error).message;
      } finally {
        server.close();
      }
    };
    expect(await tried(allowed, "lab.example")).toBe("hello");
    expect(await tried(stolen, "bank.test")).toBe("permitted subtree violation");
  });
});

describe("certificate files", () => {
  test.each([
    ["no certificate", async () => ({ cert: "hello", key: ca.key }), /lab\.crt is not a certificate in PEM/],
    ["no key", async () => ({ cert: ca.cert, key: "hello" }), /lab\.key is not a private key in PEM/],
    [
      "a broken certificate",
      async () => ({ cert: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", key: ca.key }),
      /lab\.crt is not a certificate:/,
    ],
    [
      "another's key",
      async () => ({ cert: ca.cert, key: (await issueServer(ca, NAMES, Date.now())).key }),
      /the key in .*lab\.key is not that of .*lab\.crt/,
    ],
    ["an expired certificate", () => issueServer(ca, NAMES, Date.now() - 500 * DAY), /lab\.crt expired on \d{4}-/],
    ["one of the future", () => issueServer(ca, NAMES, Date.now() + 10 * DAY), /lab\.crt is valid only from \d{4}-/],
    [
      "a locked key",
      async () => ({ cert: ca.cert, key: "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n" }),
      /the key in .*lab\.key is locked by a pass phrase/,
    ],
  ])("with %s are refused with what is wrong, and nothing of the key is told", async (_what, make, detail) => {
    const paths = await writeFiles(await make());
    let thrown: unknown;
    try {
      openCertificateFiles(paths, silent).stop();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "certificate_invalid", detail: expect.stringMatching(detail) });
    expect((thrown as PhonerackError).detail).not.toContain("AAAA");
  });

  test("that are not there are named", () => {
    const paths = { cert: join(folder, "none.crt"), key: join(folder, "none.key") };
    expect(() => openCertificateFiles(paths, silent)).toThrow(PhonerackError);
  });

  test("that change are used by the next connection; while they do not fit, the ones before are", async () => {
    const [old, fresh] = [await issueServer(ca, NAMES, Date.now()), await issueServer(ca, NAMES, Date.now())];
    const tlsFiles = await writeFiles(old);
    const running = await runControl({ tlsFiles });
    try {
      const port = Number(new URL(running.control.url).port);
      expect(running.control.url).toBe(`https://lab.example:${port}`);
      const first = await shownBy(port);
      await writeFile(tlsFiles.cert, fresh.cert);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(await shownBy(port)).toBe(first);
      await writeFile(tlsFiles.key, fresh.key);
      await until(async () => (await shownBy(port)) !== first, "the new certificate");
      expect((await ask(`https://localhost:${port}/api/v1/health`, { ca: ca.cert, servername: "lab.example" })).status).toBe(200);
    } finally {
      await running.stop();
    }
  });
});

describe("a control that others reach", () => {
  let running: RunningControl;
  let port: number;
  let pem: string;
  beforeAll(async () => {
    running = await runControl({ host: "0.0.0.0" });
    port = Number(new URL(running.control.url).port);
    pem = await readFile(running.control.authority?.file ?? "", "utf8");
  });
  afterAll(() => running.stop());

  const https = (path: string, options: { host?: string; method?: string } = {}) =>
    ask(`https://localhost:${port}${path}`, { ca: pem, servername: "localhost", ...options });
  const plain = (path: string, options: { host?: string; method?: string } = {}) =>
    ask(`http://localhost:${port}${path}`, options);

  test("is https, with cookies that never travel in the clear, and without HSTS for its own authority", async () => {
    expect(running.control.url).toBe(`https://localhost:${port}`);
    const entered = await https(new URL(await running.control.consoleLink()).href.replace(running.control.url, ""));
    expect(entered.status).toBe(303);
    expect(entered.headers["set-cookie"]?.[0]).toMatch(/; Secure/);
    expect(entered.headers["strict-transport-security"]).toBeUndefined();
  });

  test("explains on plain HTTP how to trust it, and gives the certificate, the same over https", async () => {
    const page = await plain("/devices?x=1");
    expect(page.status).toBe(426);
    expect(page.text).toContain(`https://localhost:${port}/devices?x=1`);
    for (const get of [plain, https]) {
      const trust = await get("/trust");
      expect(trust.status).toBe(200);
      expect(trust.text).toContain(running.control.authority?.fingerprint);
      for (const on of ["Windows", "macOS", "Linux", "Firefox", "Android", "iPhone"]) expect(trust.text).toContain(on);
      const file = await get("/trust/ca.crt");
      expect(file.headers["content-type"]).toBe("application/x-x509-ca-cert");
      expect(file.text).toBe(pem);
    }
  });

  test.each([
    ["GET", "/api/v1/health"],
    ["POST", "/api/v1/session/link"],
    ["DELETE", "/"],
  ])("does nothing for a plain %s %s but say where https is", async (method, path) => {
    const refused = await plain(path, { method });
    expect(refused.status).toBe(426);
    expect(JSON.parse(refused.text)).toMatchObject({ code: "https_needed", detail: `https://localhost:${port}${path}` });
  });

  test("puts no foreign host into its page", async () => {
    for (const host of ["evil.example", 'x"><script>', "evil.example:1@localhost"]) {
      const page = await plain("/", { host });
      expect(page.text).toContain(`href="https://localhost:${port}/"`);
      expect(page.text).not.toContain("evil");
      expect(page.text).not.toContain("script>");
    }
  });

  test("answers to its own names and to addresses, never to a name that a page made resolve to it", async () => {
    for (const host of ["localhost", `${hostname().toLowerCase()}:${port}`, "10.1.2.3:99", "[::1]:1"])
      expect((await https("/api/v1/health", { host })).status, host).toBe(200);
    for (const host of ["rebound.example", "localhost.rebound.example"])
      expect((await https("/api/v1/health", { host })).status, host).toBe(403);
  });

  test("is not held up by connections that say nothing, break off, or are neither protocol", async () => {
    const silentOnes = Array.from({ length: 20 }, () => connect(port, "127.0.0.1"));
    for (const bytes of [
      Buffer.of(0x16),
      Buffer.of(0x16, 3, 1, 0xff, 0xff, 0, 1, 2),
      Buffer.from("\u0000\u0001 nonsense\r\n\r\n"),
    ]) {
      const socket = connect(port, "127.0.0.1", () => socket.end(bytes));
      socket.on("error", () => undefined);
      await new Promise((resolve) => socket.resume().once("close", resolve));
    }
    expect((await https("/api/v1/health")).status).toBe(200);
    for (const socket of silentOnes) socket.destroy();
  });

  test("stops at once, whatever connections there are", async () => {
    const other = await runControl({ host: "0.0.0.0" });
    const at = Number(new URL(other.control.url).port);
    const quiet = connect(at, "127.0.0.1");
    quiet.on("error", () => undefined);
    const plainOne = connect(at, "127.0.0.1", () => plainOne.write("GET /"));
    plainOne.on("error", () => undefined);
    await new Promise((resolve) => plainOne.once("connect", resolve));
    const began = Date.now();
    await other.stop();
    expect(Date.now() - began).toBeLessThan(4_000);
  });
});

describe("other doors", () => {
  test("a certificate of a real authority brings HSTS, and sends plain HTTP to https", async () => {
    const tlsFiles = await writeFiles(await issueServer(ca, NAMES, Date.now()));
    const running = await runControl({ tlsFiles, host: "0.0.0.0" });
    try {
      const { port } = new URL(running.control.url);
      const health = await ask(`https://x:${port}/api/v1/health`, {
        ca: ca.cert,
        servername: "a.racks.example",
        host: "a.racks.example",
      });
      expect(health.headers["strict-transport-security"]).toBe("max-age=15552000");
      const sent = await ask(`http://x:${port}/devices?a=b`, { host: `lab.example:${port}` });
      expect({ status: sent.status, to: sent.headers.location }).toEqual({
        status: 308,
        to: `https://lab.example:${port}/devices?a=b`,
      });
      expect(running.control.authority).toBeNull();
    } finally {
      await running.stop();
    }
  });

  test("behind a proxy it is plain HTTP that knows it is https outside", async () => {
    const running = await runControl({ host: "0.0.0.0", insecureHttp: true, publicUrl: "https://lab.example" });
    try {
      expect(running.control.url).toMatch(/^http:\/\/localhost:\d+$/);
      const link = new URL(await running.control.consoleLink());
      expect(link.origin).toBe("https://lab.example");
      const entered = await ask(`${running.control.url}${link.pathname}${link.search}`, { host: "lab.example" });
      expect(entered.headers["set-cookie"]?.[0]).toMatch(/; Secure/);
      expect((await ask(`${running.control.url}/api/v1/health`, { host: "other.example" })).status).toBe(403);
    } finally {
      await running.stop();
    }
  });

  test("without an https address outside, plain HTTP for others is refused", async () => {
    await expect(runControl({ host: "0.0.0.0", insecureHttp: true })).rejects.toMatchObject({ code: "usage" });
    await expect(runControl({ host: "0.0.0.0", insecureHttp: true, publicUrl: "http://lab.example" })).rejects.toMatchObject({
      code: "usage",
    });
  });
});
