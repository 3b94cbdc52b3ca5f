/** The apps on one phone, as it tells of them itself; how its words are read is `package-words.ts`'s. */
import { type InstalledPackage, type PackageDetail, PackageName, PhonerackError } from "@phonerack/contract/bus";
import { type Answers, ask, type Question } from "../cleaning/ask.js";
import { Contact } from "../cleaning/contact.js";
import { readSignerOnPhone } from "../gate/signer-on-phone.js";
import type { PhoneLink } from "../transports/link.js";
import { runShell } from "../transports/shell.js";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";
import { type Listed, namesIn, readDump, readList, readSizes, readVersions, runningIn } from "./package-words.js";

const MOST = 2_000;
const ANSWER_MS = 25_000;
const SLOW_MS = 15_000;
/** `--show-versioncode` came with Android 8, `-U` with 8, `cmd package` with 7. */
const LIST =
  "cmd package list packages -f -U --show-versioncode --user 0 2>/dev/null || pm list packages -f --user 0 2>/dev/null || pm list packages -f";

/** `ps -A` came with Android 8's toybox. */
const RUNNING = "ps -A -o NAME 2>/dev/null || ps";

const LISTING: readonly Question[] = [
  { name: "all", command: LIST, patienceMs: SLOW_MS },
  { name: "system", command: "cmd package list packages -s --user 0 2>/dev/null || pm list packages -s", patienceMs: SLOW_MS },
  { name: "disabled", command: "cmd package list packages -d --user 0 2>/dev/null || pm list packages -d", patienceMs: SLOW_MS },
  { name: "running", command: RUNNING },
  {
    name: "versions",
    command: "dumpsys package packages | grep -E '^  Package \\[|^    versionName='",
    patienceMs: SLOW_MS,
  },
];

/** Fails with `phone_failed`, or the connection's errors. */
export async function listPackages(phone: PhoneAtWork): Promise<InstalledPackage[]> {
  const answers = await asked(phone, LISTING);
  const listed = readList(textOf(answers, "all"));
  if (listed.length === 0) throw new PhonerackError("phone_failed", "it does not list its apps");
  const versions = readVersions(textOf(answers, "versions"));
  const [system, disabled] = [namesIn(textOf(answers, "system")), namesIn(textOf(answers, "disabled"))];
  const running = runningIn(textOf(answers, "running"));
  const apps: InstalledPackage[] = [];
  for (const one of listed.slice(0, MOST)) {
    const words = { system: system.has(one.package), enabled: !disabled.has(one.package), running: running.has(one.package) };
    apps.push({ ...(await judged(phone, one)), ...words, versionName: versions.get(one.package) ?? null });
  }
  return apps;
}

/** Fails with `package_not_found`, or as `listPackages` does. */
export async function describePackage(phone: PhoneAtWork, name: string): Promise<PackageDetail> {
  const parsed = PackageName.safeParse(name);
  if (!parsed.success) throw new PhonerackError("package_not_found", name.slice(0, 60));
  const launcher = `-a android.intent.action.MAIN -c android.intent.category.LAUNCHER -p ${name}`;
  const answers = await asked(phone, [
    { name: "dump", command: `dumpsys package ${name}`, patienceMs: SLOW_MS },
    { name: "running", command: RUNNING },
    { name: "disabled", command: `pm list packages -d ${name}`, patienceMs: SLOW_MS },
    { name: "system", command: `pm list packages -s ${name}`, patienceMs: SLOW_MS },
    { name: "launcher", command: `cmd package query-activities --brief ${launcher}` },
    { name: "code", command: `for p in $(pm path ${name}); do stat -c %s "\${p#package:}"; done` },
    { name: "sizes", command: "dumpsys diskstats", patienceMs: SLOW_MS },
  ]);
  const dump = readDump(textOf(answers, "dump"), name);
  if (!dump) throw new PhonerackError("package_not_found", name);
  const code = textOf(answers, "code")
    .split("\n")
    .reduce((sum, line) => sum + (/^\d+$/.test(line.trim()) ? Number(line) : 0), 0);
  const { versionCode, versionName, ...words } = dump;
  const link = phone.link();
  return {
    ...(await judged(phone, { package: name, versionCode })),
    versionName,
    system: namesIn(textOf(answers, "system")).has(name),
    enabled: !namesIn(textOf(answers, "disabled")).has(name),
    running: runningIn(textOf(answers, "running")).has(name),
    ...words,
    signer: await readSignerOnPhone(link, name, phone.report.sdk ?? 0),
    size: readSizes(textOf(answers, "sizes"), name) ?? (code > 0 ? { code, data: 0, cache: 0 } : null),
    launcher:
      new RegExp(`^\\s*(${name.replaceAll(".", "\\.")}/[\\w.$]+)\\s*$`, "m").exec(textOf(answers, "launcher"))?.[1] ?? null,
  };
}

/** nulls: it is not there. */
export async function readVersion(
  link: PhoneLink,
  name: string,
): Promise<{ versionName: string | null; versionCode: number | null }> {
  const { stdout } = await runShell(link, `dumpsys package ${name}`, { timeoutMs: ANSWER_MS, maxBytes: 8 * 1024 * 1024 });
  const dump = readDump(stdout, name);
  return { versionName: dump?.versionName ?? null, versionCode: dump?.versionCode ?? null };
}

async function judged(phone: PhoneAtWork, { package: name, versionCode }: Listed) {
  const { standing } = await phone.gate.judge(name);
  const fenced = phone.fence.state.disabled.includes(name);
  return { package: name, label: null, versionCode, fenced, standing };
}

function asked(phone: PhoneAtWork, questions: readonly Question[]): Promise<Answers> {
  const link = phone.link();
  return ask(new Contact({ ready: async () => link, signal: AbortSignal.timeout(ANSWER_MS) }), questions);
}

function textOf(answers: Answers, name: string): string {
  return answers.get(name)?.text.replaceAll("\r", "") ?? "";
}
