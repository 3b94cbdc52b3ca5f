/**
 * Builds small, real, signed APKs: binary manifest, resource table, zip, signature scheme v2. For tests here and end to end, which need
 * APKs that nobody has to download; it writes what apk.ts and every Android reads.
 */
import { createHash, type KeyObject, sign } from "node:crypto";
import { crc32 } from "node:zlib";
import { selfSigned } from "./certificate-builder.js";
import { compileTable, compileXml, type Element } from "./resource-compiler.js";

export interface ApkPlan {
  readonly package: string;
  readonly versionCode?: number;
  readonly versionName?: string;
  readonly minSdk?: number;
  readonly targetSdk?: number;
  readonly label?: string;
  /** Label in other languages, by ISO 639-1. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly permissions?: readonly string[];
  /** Class names; the first gets the launcher icon. */
  readonly activities?: readonly string[];
  readonly debuggable?: boolean;
  readonly testOnly?: boolean;
  /** `split="…"`: a split APK of the same package. */
  readonly split?: string;
  /** PNG bytes. */
  readonly icon?: Buffer;
  /** Extra entries, stored. */
  readonly files?: Readonly<Record<string, Buffer>>;
}

/** RSA or EC key pair. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const LABEL_ID = 0x7f010000;
const ICON_ID = 0x7f020000;
const ICON_PATH = "res/icon.png";
const SIGNATURE_V2 = 0x7109871a;

/** @param key undefined: unsigned. */
export function buildApk(plan: ApkPlan, key: SigningKey | undefined): Buffer {
  const labels = { "": plan.label ?? plan.package, ...plan.labels };
  const entries: Record<string, Buffer> = {
    "AndroidManifest.xml": compileXml(manifest(plan)),
    "resources.arsc": compileTable([
      { name: "string", values: labels },
      { name: "mipmap", values: { "": ICON_PATH } },
    ]),
    ...(plan.icon ? { [ICON_PATH]: plan.icon } : {}),
    ...plan.files,
  };
  const zip = zipOf(entries);
  return key ? signedV2(zip, key) : Buffer.concat([zip.entries, zip.directory, zip.end]);
}

function manifest(plan: ApkPlan): Element {
  const activities = (plan.activities ?? [".MainActivity"]).map(
    (name, index): Element => ({
      name: "activity",
      attributes: { name, exported: true },
      children: index === 0 ? [launcherFilter] : [],
    }),
  );
  const application: Element = {
    name: "application",
    attributes: {
      label: { reference: LABEL_ID },
      ...(plan.icon ? { icon: { reference: ICON_ID } } : {}),
      ...(plan.debuggable ? { debuggable: true } : {}),
      ...(plan.testOnly ? { testOnly: true } : {}),
    },
    children: activities,
  };
  return {
    name: "manifest",
    attributes: { versionCode: plan.versionCode ?? 1, versionName: plan.versionName ?? "1.0" },
    plain: { package: plan.package, ...(plan.split === undefined ? {} : { split: plan.split }) },
    children: [
      { name: "uses-sdk", attributes: { minSdkVersion: plan.minSdk ?? 21, targetSdkVersion: plan.targetSdk ?? 33 } },
      ...(plan.permissions ?? []).map((name): Element => ({ name: "uses-permission", attributes: { name } })),
      application,
    ],
  };
}

const launcherFilter: Element = {
  name: "intent-filter",
  children: [
    { name: "action", attributes: { name: "android.intent.action.MAIN" } },
    { name: "category", attributes: { name: "android.intent.category.LAUNCHER" } },
  ],
};

interface ZipParts {
  readonly entries: Buffer;
  readonly directory: Buffer;
  readonly end: Buffer;
}

function zipOf(files: Readonly<Record<string, Buffer>>): ZipParts {
  const entries: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, data] of Object.entries(files)) {
    const bytes = Buffer.from(name);
    // What both headers share: version, flags, method (stored), time, date, sums and sizes.
    const middle = Buffer.alloc(26);
    middle.writeUInt16LE(20, 0);
    middle.writeUInt16LE(0x21, 8);
    middle.writeUInt32LE(crc32(data), 10);
    middle.writeUInt32LE(data.length, 14);
    middle.writeUInt32LE(data.length, 18);
    middle.writeUInt16LE(bytes.length, 22);
    entries.push(Buffer.from("PK\x03\x04", "latin1"), middle, bytes, data);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), middle, tail, bytes);
    offset += 30 + bytes.length + data.length;
  }
  const end = Buffer.alloc(22);
  const listed = Buffer.concat(directory);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return { entries: Buffer.concat(entries), directory: listed, end };
}

function prefixed(...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([length, body]);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

/** Chunk digests over each part of the zip, then the digest of those: RSASSA-PKCS1-v1_5 (0x0103) or ECDSA (0x0201) with SHA-256. */
function signedV2(zip: ZipParts, key: SigningKey): Buffer {
  const algorithm = key.publicKey.asymmetricKeyType === "ec" ? 0x0201 : 0x0103;
  const chunks: Buffer[] = [];
  for (const part of [zip.entries, zip.directory, zip.end]) {
    for (let at = 0; at < part.length; at += 1024 * 1024) {
      const chunk = part.subarray(at, at + 1024 * 1024);
      chunks.push(
        createHash("sha256")
          .update(Buffer.from([0xa5]))
          .update(word(chunk.length))
          .update(chunk)
          .digest(),
      );
    }
  }
  const digest = createHash("sha256")
    .update(Buffer.from([0x5a]))
    .update(word(chunks.length))
    .update(Buffer.concat(chunks))
    .digest();
  const digests = prefixed(prefixed(word(algorithm), prefixed(digest)));
  const certificates = prefixed(prefixed(selfSigned(key)));
  const signedData = Buffer.concat([digests, certificates, prefixed()]);
  const signatures = prefixed(prefixed(word(algorithm), prefixed(sign("sha256", signedData, key.privateKey))));
  const publicKey = prefixed(key.publicKey.export({ format: "der", type: "spki" }));
  const value = prefixed(prefixed(prefixed(signedData), signatures, publicKey));
  const pair = Buffer.concat([word(value.length + 4), word(0), word(SIGNATURE_V2), value]);
  const size = Buffer.concat([word(pair.length + 24), word(0)]);
  const block = Buffer.concat([size, pair, size, Buffer.from("APK Sig Block 42", "latin1")]);
  const end = Buffer.from(zip.end);
  end.writeUInt32LE(zip.entries.length + block.length, 16);
  return Buffer.concat([zip.entries, block, zip.directory, end]);
}
