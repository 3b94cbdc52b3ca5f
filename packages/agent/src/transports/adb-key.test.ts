import { constants, createPublicKey, generateKeyPairSync, publicDecrypt } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAdbPublicKey, sha1DigestInfo } from "@phonerack/android-wire/adb";
import { AdbAuthenticationProcessor, AdbAuthType, AdbCommand } from "@yume-chan/adb";
import { afterEach, beforeEach, expect, test } from "vitest";
import { credentialStore, loadAdbKey, nativeSigner, publicKeyOffer } from "./adb-key.js";

let data: string;
let home: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "phonerack-data-"));
  home = await mkdtemp(join(tmpdir(), "phonerack-home-"));
});
afterEach(() => Promise.all([data, home].map((folder) => rm(folder, { recursive: true }))));

async function giveHome(bits: number): Promise<string> {
  const pem = generateKeyPairSync("rsa", { modulusLength: bits }).privateKey.export({ type: "pkcs8", format: "pem" });
  await mkdir(join(home, ".android"));
  await writeFile(join(home, ".android", "adbkey"), pem);
  return pem.toString();
}

test("makes a key that only its owner reads, and keeps it", async () => {
  const made = await loadAdbKey(data, home);
  expect(made).toMatchObject({ path: join(data, "adbkey"), shared: false });
  expect((await stat(made.path)).mode & 0o777).toBe(0o600);
  const again = await loadAdbKey(data, home);
  expect(again.key.equals(made.key)).toBe(true);
  expect(await readFile(made.path, "utf8")).toContain("BEGIN PRIVATE KEY");
});

test("uses the key of the user's own adb, and says so", async () => {
  const pem = await giveHome(2_048);
  const { key, shared } = await loadAdbKey(data, home);
  expect(shared).toBe(true);
  expect(key.export({ type: "pkcs8", format: "pem" })).toBe(pem);
});

test("does not use a key that no phone can check", async () => {
  await giveHome(1_024);
  expect((await loadAdbKey(data, home)).shared).toBe(false);
});

test("signs the token as adbd checks it, then offers the key, then has no more to offer", async () => {
  const { key } = await loadAdbKey(data, home);
  let asked = 0;
  const authentication = new AdbAuthenticationProcessor([nativeSigner(key), publicKeyOffer(() => asked++)], credentialStore(key));
  const token = new Uint8Array(20).fill(7);
  const request = { command: AdbCommand.Auth, arg0: AdbAuthType.Token, arg1: 0, payload: token };
  const signed = await authentication.process(request);
  expect(signed.arg0).toBe(AdbAuthType.Signature);
  const opened = publicDecrypt(
    { key: createPublicKey(key.export({ type: "pkcs8", format: "pem" })), padding: constants.RSA_PKCS1_PADDING },
    signed.payload,
  );
  expect(opened).toEqual(Buffer.concat([sha1DigestInfo, token]));
  expect(asked).toBe(0);
  const offered = await authentication.process(request);
  expect(asked).toBe(1);
  const { modulus } = parseAdbPublicKey(offered.payload);
  expect(Buffer.from(modulus).toString("base64url")).toBe(
    createPublicKey(key.export({ type: "pkcs8", format: "pem" })).export({ format: "jwk" }).n,
  );
  await expect(authentication.process(request)).rejects.toThrow();
});
