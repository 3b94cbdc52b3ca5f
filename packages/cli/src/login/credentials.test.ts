import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { findControl } from "../api/find-control.js";
import { runOf, writeRun } from "../data-folder.js";
import { credentialsFile, forgetLogIn, keepLogIn, readCredentials } from "./credentials.js";

const [LAB, OTHER] = ["https://lab:7171", "https://other:7171"];
const logIn = (token: string) => ({ token, name: "Erika", expiresAt: null });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "phonerack-credentials-"));
  vi.stubEnv("XDG_CONFIG_HOME", folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

describe("the log-ins of a user", () => {
  test("are kept one for each control, for nobody else to read", async () => {
    await keepLogIn(LAB, { ...logIn("one"), ca: "pem" });
    await keepLogIn(OTHER, logIn("two"));
    expect((await stat(credentialsFile())).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, "phonerack"))).mode & 0o777).toBe(0o700);
    expect(await readCredentials()).toMatchObject({ last: OTHER, logIns: { [LAB]: { token: "one", ca: "pem" } } });
    expect(await forgetLogIn(OTHER)).toBe(true);
    expect(await forgetLogIn(OTHER)).toBe(false);
    expect(await readCredentials()).toMatchObject({ last: LAB });
    expect(await readFile(credentialsFile(), "utf8")).not.toContain("two");
  });

  test("that others could read are closed to them, with a word", async () => {
    await keepLogIn(LAB, logIn("one"));
    await chmod(credentialsFile(), 0o644);
    const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    await readCredentials();
    expect(said.mock.calls.join("")).toMatch(/could be read by others/);
    said.mockRestore();
    expect((await stat(credentialsFile())).mode & 0o777).toBe(0o600);
  });

  test.each(["", "{", '{"version":2,"logIns":{}}', '{"version":1,"logIns":{"a":{}}}'])(
    "that are damaged (%s) are said to be",
    async (text) => {
      await keepLogIn(LAB, logIn("one"));
      await writeFile(credentialsFile(), text);
      await expect(readCredentials()).rejects.toMatchObject({ code: "credentials_unsafe" });
    },
  );
});

describe("the control a command talks to", () => {
  test("is the one named, then the one that runs here, then the one last logged in to", async () => {
    await expect(findControl({ data: folder })).rejects.toMatchObject({ code: "control_unreachable" });
    await keepLogIn(OTHER, logIn("two"));
    await keepLogIn(LAB, { ...logIn("one"), ca: "pem" });
    expect(await findControl({ data: folder })).toEqual({ url: LAB, token: "one", ca: "pem" });
    expect(await findControl({ data: folder, control: `${OTHER}/` })).toEqual({ url: OTHER, token: "two" });
    expect(await findControl({ data: folder, token: "key" })).toEqual({ url: LAB, token: "key", ca: "pem" });
    await writeRun(folder, runOf({ url: "http://127.0.0.1:1", authority: null }));
    await writeFile(join(folder, "admin-token"), "secret\n");
    expect(await findControl({ data: folder })).toEqual({ url: "http://127.0.0.1:1", token: "secret" });
    expect(await findControl({ data: folder, control: LAB })).toMatchObject({ token: "one" });
  });

  test("never sees the data folder's token unless it is that folder's own", async () => {
    await writeRun(folder, runOf({ url: "http://127.0.0.1:1", authority: null }));
    await writeFile(join(folder, "admin-token"), "secret\n");
    const foreign = findControl({ data: folder, control: "http://127.0.0.1:2" });
    await expect(foreign).rejects.toMatchObject({ code: "unauthorised" });
  });

  test("is believed by the CA that the flag names, else by the one kept for it", async () => {
    const ca = join(folder, "ca.crt");
    await writeFile(ca, "-----BEGIN CERTIFICATE-----\n");
    await keepLogIn(LAB, { ...logIn("one"), ca: "kept" });
    expect(await findControl({ data: folder, ca })).toMatchObject({ ca: "-----BEGIN CERTIFICATE-----\n" });
    for (const wrong of [join(folder, "none"), credentialsFile()])
      await expect(findControl({ data: folder, ca: wrong })).rejects.toMatchObject({ code: "usage" });
    const own = join(folder, "own.crt");
    await writeFile(own, "own");
    await writeRun(folder, runOf({ url: "https://localhost:1", authority: { file: own } }));
    await writeFile(join(folder, "admin-token"), "secret\n");
    expect(await findControl({ data: folder })).toEqual({ url: "https://localhost:1", token: "secret", ca: "own" });
  });
});
