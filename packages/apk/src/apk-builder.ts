/**
 * Builds small, real, signed APKs: binary manifest, resource table, zip, signature. For the stock apps of virtual phones and for tests, which
 * need APKs that nobody has to download; it writes what apk.ts and every Android reads.
 */
import { crc32 } from "node:zlib";
import { selfSigned } from "./certificate-builder.js";
import type { ActivityInfo, IntentFilter } from "./facts.js";
import { jarSignature } from "./jar-signature-builder.js";
import { compileTable, compileXml, type Element } from "./resource-compiler.js";
import { type SignatureScheme, type SigningKey, signZip, type ZipParts } from "./signing-block.js";

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
  /** Strings of the app besides its label: by entry name, then by ISO 639-1 language, "" for the default. */
  readonly strings?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Class names, of which the first gets the launcher icon; or activities with filters of their own. */
  readonly activities?: readonly (string | ActivityInfo)[];
  readonly debuggable?: boolean;
  readonly testOnly?: boolean;
  /** `split="…"`: a split APK of the same package. */
  readonly split?: string;
  /** PNG bytes. */
  readonly icon?: Buffer;
  /** Extra entries, stored. */
  readonly files?: Readonly<Record<string, Buffer>>;
  /** Services and receivers, by the permission that guards them and the actions they answer to. */
  readonly parts?: readonly {
    readonly kind: "service" | "receiver";
    readonly name: string;
    readonly permission?: string;
    readonly actions?: readonly string[];
  }[];
  /** `<instrumentation>` of these packages. */
  readonly instruments?: readonly string[];
  readonly sharedUserId?: string;
  /** Signature schemes. Default: v2 alone. */
  readonly schemes?: readonly (1 | SignatureScheme)[];
  /** Another key for the v1 signature, as a swindler would. */
  readonly jarKey?: SigningKey;
  /** The key that the v3 signature's took over from; v1 and v2 are still signed with it. */
  readonly rotatedFrom?: SigningKey;
}

const LABEL_ID = 0x7f010000;
const ICON_ID = 0x7f020000;
const ICON_PATH = "res/icon.png";

/** @param signingKey undefined: unsigned. */
export function buildApk(plan: ApkPlan, signingKey: SigningKey | undefined): Buffer {
  // One certificate for all schemes: made anew it would be another each time.
  const key = signingKey && { ...signingKey, certificate: signingKey.certificate ?? selfSigned(signingKey) };
  const labels = { "": plan.label ?? plan.package, ...plan.labels };
  const entries: Record<string, Buffer> = {
    "AndroidManifest.xml": compileXml(manifest(plan)),
    "resources.arsc": compileTable(
      [
        { type: "string", entries: { app_name: labels, ...plan.strings } },
        { type: "mipmap", entries: { ic_launcher: { "": ICON_PATH } } },
      ],
      plan.package,
    ),
    ...(plan.icon ? { [ICON_PATH]: plan.icon } : {}),
    ...plan.files,
  };
  if (!key) return joined(zipOf(entries));
  const { schemes = [2], rotatedFrom, jarKey = rotatedFrom ?? key } = plan;
  const inBlock = schemes.filter((scheme) => scheme !== 1);
  const zip = zipOf(schemes.includes(1) ? { ...entries, ...jarSignature(entries, jarKey, inBlock) } : entries);
  return inBlock.length > 0 ? signZip(zip, key, { schemes: inBlock, ...(rotatedFrom && { rotatedFrom }) }) : joined(zip);
}

function joined({ entries, directory, end }: ZipParts): Buffer {
  return Buffer.concat([entries, directory, end]);
}

function manifest(plan: ApkPlan): Element {
  const activities = (plan.activities ?? [".MainActivity"]).map(
    (activity, index): Element =>
      typeof activity === "string"
        ? {
            name: "activity",
            attributes: { name: activity, exported: true },
            children: index === 0 ? [launcherFilter] : [],
          }
        : {
            name: "activity",
            attributes: { name: activity.name, exported: activity.exported },
            children: activity.filters.map(filterElement),
          },
  );
  const application: Element = {
    name: "application",
    attributes: {
      label: { reference: LABEL_ID },
      ...(plan.icon ? { icon: { reference: ICON_ID } } : {}),
      ...(plan.debuggable ? { debuggable: true } : {}),
      ...(plan.testOnly ? { testOnly: true } : {}),
    },
    children: [...activities, ...(plan.parts ?? []).map(partElement)],
  };
  return {
    name: "manifest",
    attributes: {
      versionCode: plan.versionCode ?? 1,
      versionName: plan.versionName ?? "1.0",
      ...(plan.sharedUserId === undefined ? {} : { sharedUserId: plan.sharedUserId }),
    },
    plain: { package: plan.package, ...(plan.split === undefined ? {} : { split: plan.split }) },
    children: [
      { name: "uses-sdk", attributes: { minSdkVersion: plan.minSdk ?? 21, targetSdkVersion: plan.targetSdk ?? 33 } },
      ...(plan.permissions ?? []).map((name): Element => ({ name: "uses-permission", attributes: { name } })),
      application,
      ...(plan.instruments ?? []).map(
        (targetPackage): Element => ({ name: "instrumentation", attributes: { name: ".Instrumentation", targetPackage } }),
      ),
    ],
  };
}

function partElement({ kind, name, permission, actions = [] }: NonNullable<ApkPlan["parts"]>[number]): Element {
  return {
    name: kind,
    attributes: { name, exported: true, ...(permission === undefined ? {} : { permission }) },
    children: actions.length > 0 ? [filterElement({ actions, categories: [] })] : [],
  };
}

const launcherFilter: Element = {
  name: "intent-filter",
  children: [
    { name: "action", attributes: { name: "android.intent.action.MAIN" } },
    { name: "category", attributes: { name: "android.intent.category.LAUNCHER" } },
  ],
};

function filterElement(filter: IntentFilter): Element {
  const data = (name: string, values: readonly string[] = []): Element[] =>
    values.map((value) => ({ name: "data", attributes: { [name]: value } }));
  return {
    name: "intent-filter",
    children: [
      ...filter.actions.map((name): Element => ({ name: "action", attributes: { name } })),
      ...filter.categories.map((name): Element => ({ name: "category", attributes: { name } })),
      ...data("scheme", filter.schemes),
      ...data("host", filter.hosts),
      ...data("mimeType", filter.mimeTypes),
    ],
  };
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
