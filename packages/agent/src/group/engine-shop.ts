/**
 * Appium's UiAutomator2 server: its two APKs, checked, and getting them onto phones. Cleaning takes them away again with the lease, as whatever else
 * was installed meanwhile.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { readApk } from "@phonerack/apk";
import { PhonerackError } from "@phonerack/contract/bus";
import { SERVER_APK_PATH, TEST_APK_PATH } from "appium-uiautomator2-server";
import { Permits } from "../permits.js";
import type { PhoneLink } from "../transports/link.js";
import { readToEnd, runShell } from "../transports/shell.js";

export const SERVER_PACKAGE = "io.appium.uiautomator2.server";
export const TEST_PACKAGE = `${SERVER_PACKAGE}.test`;

/** Of appium-uiautomator2-server 10.6.6. */
const SHIPPED = [
  { package: SERVER_PACKAGE, path: SERVER_APK_PATH, sha256: "8ff760a2a86b487f53090fbdcd5b0360e67d02bb811887d527a9557b0d59c80d" },
  { package: TEST_PACKAGE, path: TEST_APK_PATH, sha256: "e6f729287d72351388fd66597c35b69988b9091a7011954bf92a55d416cb1e1c" },
] as const;

/** 18 MB each: more at once would only take turns on the cable. */
const INSTALLS_AT_ONCE = 6;
const INSTALL_MS = 120_000;
const ASK_MS = 15_000;

interface ServerApk {
  readonly package: string;
  readonly path: string;
  readonly size: number;
  readonly versionCode: number;
}

export class EngineShop {
  readonly #installs = new Permits(INSTALLS_AT_ONCE);
  #apks: Promise<readonly ServerApk[]> | undefined;

  /** Makes sure that both are on the phone, in this version or a newer one. Fails with `engine_unavailable` and the phone's errors. */
  async provide(link: PhoneLink, signal: AbortSignal): Promise<void> {
    const apks = await this.#known();
    const present = await versionsOn(link);
    const lacking = apks.filter((apk) => (present.get(apk.package) ?? -1) < apk.versionCode);
    if (lacking.length === 0) return;
    const release = await this.#installs.take(signal);
    try {
      for (const apk of lacking) await install(link, apk);
    } finally {
      release();
    }
  }

  #known(): Promise<readonly ServerApk[]> {
    this.#apks ??= Promise.all(SHIPPED.map(check));
    this.#apks.catch(() => (this.#apks = undefined));
    return this.#apks;
  }
}

async function check({ package: name, path, sha256 }: (typeof SHIPPED)[number]): Promise<ServerApk> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  if (hash.digest("hex") !== sha256)
    throw new PhonerackError("engine_unavailable", `${name} is not the APK that phonerack was built with`);
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const slice = async (start: number, end: number): Promise<Buffer> => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.max(0, end - start)), 0, end - start, start);
      return buffer.subarray(0, bytesRead);
    };
    const { facts } = await readApk({ size, slice }, { language: "en", density: 160 });
    return { package: name, path, size, versionCode: facts.versionCode };
  } finally {
    await file.close();
  }
}

async function versionsOn(link: PhoneLink): Promise<Map<string, number>> {
  const { stdout } = await runShell(link, `cmd package list packages --show-versioncode ${SERVER_PACKAGE}`, {
    timeoutMs: ASK_MS,
  });
  const lines = stdout.matchAll(/^package:([\w.]+) versionCode:(\d+)\s*$/gm);
  return new Map([...lines].map(([, name = "", code]) => [name, Number(code)]));
}

async function install(link: PhoneLink, apk: ServerApk): Promise<void> {
  const said = await stream(link, apk);
  if (said.includes("Success")) return;
  if (/INSTALL_FAILED_(UPDATE_INCOMPATIBLE|VERSION_DOWNGRADE|SHARED_USER_INCOMPATIBLE)/.test(said)) {
    // Another build of the same two, from somebody's own Appium: ours takes its place for this lease.
    await runShell(link, `pm uninstall ${TEST_PACKAGE}; pm uninstall ${SERVER_PACKAGE}`, { timeoutMs: INSTALL_MS });
    if ((await stream(link, apk)).includes("Success")) return;
  }
  throw new PhonerackError("engine_unavailable", `it does not install ${apk.package}: ${said.trim().slice(0, 200)}`);
}

/** @returns what the package manager said. */
async function stream(link: PhoneLink, { path, size }: ServerApk): Promise<string> {
  const socket = await link.open(`exec:cmd package install -r -t -g -S ${size}`);
  try {
    let said = "";
    const reading = readToEnd(socket, 64 * 1024, (chunk) => {
      said += Buffer.from(chunk).toString("utf8");
    });
    const sending = async () => {
      for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) await socket.write(chunk as Buffer);
      await reading;
    };
    // A phone that refuses says so before it has everything.
    await link.life.guard(Promise.race([sending(), reading]), INSTALL_MS, "installing its UI automation");
    return said;
  } finally {
    socket.close();
  }
}
