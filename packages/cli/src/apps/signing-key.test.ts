import { execFileSync } from "node:child_process";
import { createPublicKey, generateKeyPairSync, type KeyObject, verify, X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PhonerackError } from "@phonerack/contract/bus";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keyFromKeystore } from "./keystore.js";
import { requireMeant } from "./proof.js";
import { readSigningKey, signProof } from "./signing-key.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "phonerack-key-"));
});
afterAll(() => rm(folder, { recursive: true }));

const refusal = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "none",
    (error: unknown) => (error instanceof PhonerackError ? `${error.code}: ${error.detail}` : String(error)),
  );

function signs(key: KeyObject, publicKey: KeyObject): boolean {
  const { signature } = signProof("words", key);
  return verify("sha256", Buffer.from("words"), publicKey, Buffer.from(signature, "base64"));
}

async function file(name: string, bytes: Buffer | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

describe("a key file", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const none = { pass: "", alias: undefined };

  test("is read as PEM, encrypted PEM, and PKCS #8", async () => {
    const pem = await file("key.pem", privateKey.export({ format: "pem", type: "pkcs8" }));
    const shut = await file(
      "shut.pem",
      privateKey.export({ format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "open" }),
    );
    const der = await file("key.pk8", privateKey.export({ format: "der", type: "pkcs8" }));
    for (const key of [
      await readSigningKey(pem, none),
      await readSigningKey(shut, { ...none, pass: "open" }),
      await readSigningKey(der, none),
    ])
      expect(signs(key, publicKey)).toBe(true);
    expect(await refusal(readSigningKey(shut, { ...none, pass: "wrong" }))).toMatch(
      /^key_unreadable: .*is the password \(--pass\) right\?/,
    );
  });

  test("that is none is refused in words", async () => {
    expect(await refusal(readSigningKey(join(folder, "nowhere"), none))).toMatch(/^key_unreadable: ENOENT/);
    expect(await refusal(readSigningKey(await file("text", "hello"), none))).toMatch(/^key_unreadable: .* is no private key/);
    const ed = generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" });
    const key = await readSigningKey(await file("ed.pem", ed), none);
    expect(() => signProof("words", key)).toThrow(PhonerackError);
  });
});

describe.runIf(existsSync("/usr/bin/keytool"))("a keystore", () => {
  const make = (name: string, type: string, ...aliases: string[]): { path: string; publicKeys: KeyObject[] } => {
    const path = join(folder, name);
    const pass = ["-storepass", "secret1", "-storetype", type];
    const publicKeys = aliases.map((alias) => {
      const words = ["-genkeypair", "-keystore", path, ...pass, "-alias", alias, "-dname", "CN=App", "-keyalg", "EC"];
      execFileSync("keytool", type === "jks" ? [...words, "-keypass", "secret1"] : words, { stdio: "ignore" });
      const certificate = execFileSync("keytool", ["-exportcert", "-keystore", path, ...pass, "-alias", alias]);
      return createPublicKey(new X509Certificate(certificate).publicKey.export({ format: "pem", type: "spki" }));
    });
    return { path, publicKeys };
  };

  test.each(["pkcs12", "jks"])(
    "of type %s gives the key that is meant",
    async (type) => {
      const { path, publicKeys } = make(`store.${type}`, type, "first", "second");
      const key = await readSigningKey(path, { pass: "secret1", alias: "Second" });
      expect(publicKeys.map((publicKey) => signs(key, publicKey))).toEqual([false, true]);
      expect(await refusal(readSigningKey(path, { pass: "secret1", alias: undefined }))).toBe(
        "key_unreadable: name one with --alias: 'first', 'second'",
      );
      expect(await refusal(readSigningKey(path, { pass: "secret1", alias: "third" }))).toBe(
        "key_unreadable: no key 'third' in it; there are 'first', 'second'",
      );
      expect(await refusal(readSigningKey(path, { pass: "wrong", alias: "first" }))).toBe(
        "key_unreadable: 'first' does not open with this password (--pass)",
      );
    },
    60_000,
  );
});

test("bytes that are no keystore end in a named error", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom("feedfeed", "3003020103"), (bytes, head) => {
      try {
        keyFromKeystore(Buffer.concat([Buffer.from(head, "hex"), bytes]), { pass: "", alias: undefined });
      } catch (error) {
        expect(error).toMatchObject({ code: "key_unreadable" });
      }
    }),
  );
});

describe("a message is signed only when it says what was asked for", () => {
  const meant = {
    app: { package: "com.example.app", signer: "ab", tenant: "acme" } as Parameters<typeof requireMeant>[1]["app"],
    nonce: "n@lab.example",
    url: "https://lab.example",
  };
  const message =
    "phonerack ownership proof\npackage: com.example.app\nsigner: ab\norganisation: acme\nlab: lab.example\nnonce: n@lab.example\nuntil: x\n";
  test("as control writes it", () => expect(() => requireMeant(message, meant)).not.toThrow());
  test.each([
    ["another lab", message.replace("lab: lab.example", "lab: evil.example")],
    ["another app", message.replace("com.example.app", "com.victim.app")],
    ["something more", `${message}and pay`],
    ["nothing", ""],
  ])("not for %s", (_what, words) => {
    expect(() => requireMeant(words, meant)).toThrow(expect.objectContaining({ code: "proof_wrong" }));
  });
});
