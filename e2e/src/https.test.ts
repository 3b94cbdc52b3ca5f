/**
 * The console as another machine reaches it: `up` on all addresses, a browser in a network namespace that knows this machine by a
 * non-loopback address only. Over plain HTTP it is told how to trust the CA; then it trusts it, and there is a live picture.
 */
import { execFileSync } from "node:child_process";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { chromiumProgram, newPage, startChromium } from "./chromium.js";
import { makeNamespace, mayMakeNamespaces, type NetworkNamespace } from "./network-namespace.js";
import { run, startUp, temporaryFolder, type Up } from "./phonerack.js";

// Each of these starts processes; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

// Where tests must be whole, a machine that permits no namespaces fails them.
const possible = mayMakeNamespaces() || process.env.CI === "true";

describe.skipIf(!possible)("phonerack from another machine", () => {
  let namespace: NetworkNamespace;
  let home: string;
  let up: Up;
  let port: string;
  let browser: Browser | undefined;

  beforeAll(async () => {
    namespace = makeNamespace();
    home = await temporaryFolder();
    up = await startUp({ virtual: 1, words: ["--host", "0.0.0.0"] });
    port = new URL(up.url).port;
    const program = join(home, "chromium");
    await writeFile(program, `#!/bin/sh\nexec ip netns exec ${namespace.name} ${chromiumProgram()} "$@"\n`);
    await chmod(program, 0o755);
  });
  afterAll(async () => {
    await browser?.close();
    await up?.stop();
    namespace?.remove();
    if (home) await rm(home, { recursive: true, force: true });
  });

  const open = () => startChromium({ program: join(home, "chromium"), home });

  /** The CA as that machine's user gets it: from the page, over plain HTTP. */
  async function download(): Promise<{ pem: string; page: string }> {
    const get = (path: string) =>
      namespace.run(
        process.execPath,
        "-e",
        "fetch(process.argv[1]).then(async (r) => process.stdout.write(await r.text()))",
        `http://${namespace.host}:${port}${path}`,
      );
    return { pem: await get("/trust/ca.crt"), page: await get("/trust") };
  }

  test("is told over plain HTTP how to trust its CA, by the fingerprint that this terminal knows", async () => {
    const { pem, page } = await download();
    expect(pem).toBe(await readFile(join(up.data, "tls", "ca.crt"), "utf8"));
    const fingerprint = execFileSync("openssl", ["x509", "-noout", "-fingerprint", "-sha256"], { input: pem }).toString();
    expect(page).toContain(fingerprint.trim().split("=")[1]);
  });

  test("is refused by a browser that does not trust it", async () => {
    browser = await open();
    const context = await browser.newContext();
    await expect((await context.newPage()).goto(`https://${namespace.host}:${port}/`)).rejects.toThrow(
      "ERR_CERT_AUTHORITY_INVALID",
    );
    const page = await context.newPage();
    await page.goto(`http://${namespace.host}:${port}/`);
    expect(await page.title()).toBe("This phonerack speaks https");
    await browser.close();
  });

  test("shows a live picture, decoded in a secure context, once the CA is trusted", async () => {
    const { pem } = await download();
    const [ca, store] = [join(home, "ca.crt"), join(home, ".pki/nssdb")];
    await writeFile(ca, pem);
    await mkdir(store, { recursive: true });
    execFileSync("certutil", ["-d", `sql:${store}`, "-N", "--empty-password"]);
    execFileSync("certutil", ["-d", `sql:${store}`, "-A", "-t", "C,,", "-n", "phonerack", "-i", ca]);
    browser = await open();
    const link = new URL((await run("link", "--data", up.data)).stdout.trim());
    const { page } = await newPage(browser, `https://${namespace.host}:${port}${link.pathname}${link.search}`);
    expect(new URL(page.url()).origin).toBe(`https://${namespace.host}:${port}`);
    expect(await page.evaluate(() => [isSecureContext, typeof VideoDecoder])).toEqual([true, "function"]);
    await page.locator("[data-device][data-picture=live]").first().waitFor({ timeout: 60_000 });
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ secure: true, httpOnly: true, sameSite: "Strict" });
  });

  test("is used by the commands on this machine, which trust the CA of the data folder and no other", async () => {
    expect(await run("devices", "--data", up.data)).toMatchObject({ code: 0, stderr: "" });
    const words = ["devices", "--json", "--control", `https://${namespace.host}:${port}`, "--token", up.token, "--data", home];
    const refused = await run(...words);
    expect(JSON.parse(refused.stderr)).toMatchObject({ error: { code: "certificate_untrusted" } });
    expect(await run(...words, "--ca", join(up.data, "tls", "ca.crt"))).toMatchObject({ code: 0, stderr: "" });
    const plain = await run(...words, "--control", `http://${namespace.host}:${port}`);
    expect(JSON.parse(plain.stderr)).toMatchObject({ error: { code: "https_needed" } });
  });
});
