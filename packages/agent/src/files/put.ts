/**
 * A file of the lab, written onto one phone: beside its place first, looked at there, then put in its place in one step. Whatever ends it before, nothing is left
 * of it: the half is removed at once, when the phone is back, or by the next that is put into that folder.
 */
import { randomBytes } from "node:crypto";
import { open } from "node:fs/promises";
import { type ActionResult, type DeviceAction, PATH_MAX_BYTES, PhonerackError } from "@phonerack/contract/bus";
import { quoted } from "../cleaning/ask.js";
import { requireAllowed } from "../tasks/allowed.js";
import { untilAborted } from "../tasks/command.js";
import type { Doing } from "../tasks/doing.js";
import { runShell } from "../transports/shell.js";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";
import { reach } from "./changes.js";
import { END, HALF, runScript, UNLESS_FOLDER } from "./places.js";
import { pushFile } from "./push-file.js";

type Put = Extract<DeviceAction, { type: "put" }>;

const QUICK_MS = 20_000;
/** To read again what was written, to be sure of it. */
const LOOK_MS = 15 * 60_000;
const SCAN_MS = 5_000;
/** From Android 11 on shared storage tells the media store by itself. */
const TELLS_ITSELF_SDK = 30;

/** Replaces a file that is there. Fails with `device_full`, `file_exists` (a folder), `file_refused`, `blob_not_found`, or what ends the task. */
export async function put(doing: Doing, action: Put): Promise<ActionResult> {
  const blob = await doing.blobs.use(action.sha256);
  try {
    if (blob.size !== action.size) throw new PhonerackError("blob_not_found", "it has another size");
    await requireAllowed(doing, "file");
    const target = await prepare(doing, action.path);
    await write(doing, action, { from: blob.path, ...target });
    await scan(doing, target.place);
    return {};
  } finally {
    blob.release();
  }
}

interface Target {
  /** Real paths. */
  readonly place: string;
  readonly half: string;
}

/** Makes the folders above it, and removes what an earlier one left there in halves: one task at a time works on a phone. */
async function prepare({ phone, signal }: Doing, path: string): Promise<Target> {
  const lines = [...reach(path), UNLESS_FOLDER, `mkdir -p "$d" || exit`, `rm -rf "$d"/${HALF}*`, `printf '%s\\n%s' "$d" "$p"`];
  const chunks: Buffer[] = [];
  const onStdout = (chunk: Uint8Array) => chunks.push(Buffer.from(chunk));
  await untilAborted(runScript(phone.link(), lines, { timeoutMs: QUICK_MS, onStdout }), signal);
  const [folder, place, ...more] = Buffer.concat(chunks).toString("utf8").split("\n");
  const half = `${folder}/${HALF}${randomBytes(8).toString("hex")}`;
  if (!folder || !place || more.length > 0 || place.includes("\ufffd"))
    throw new PhonerackError("path_invalid", "a link leads into a folder whose name is no text");
  if (Buffer.byteLength(half) > PATH_MAX_BYTES) throw new PhonerackError("path_invalid", "the path is too long");
  return { place, half };
}

async function write(
  doing: Doing,
  { sha256, size }: Put,
  { from, place, half }: Target & { readonly from: string },
): Promise<void> {
  const { phone, signal } = doing;
  const link = phone.link();
  const file = await open(from);
  try {
    await pushFile(link, {
      file,
      size,
      path: half,
      signal,
      onSent: (sent) => doing.progress(size === 0 ? null : (0.95 * sent) / size, "sending"),
    });
    doing.progress(0.95, "looking at what arrived");
    await requireAllowed(doing, "file");
    const lines = [
      `t=${quoted(half)}; p=${quoted(place)}; [ "$(stat -c %s "$t")" = ${size} ] || exit ${END.wrongSize}`,
      `h=$(sha256sum < "$t" 2>/dev/null); case "$h" in ""|${sha256}*) ;; *) exit ${END.wrongBytes};; esac`,
      `${UNLESS_FOLDER}; mv -f "$t" "$p"`,
    ];
    await untilAborted(runScript(link, lines, { timeoutMs: LOOK_MS }), signal);
  } catch (error) {
    await removeHalf(phone, half);
    throw error;
  } finally {
    await file.close();
  }
}

/** At once, or when the phone is back; whoever has it next gets it cleaned anyway. */
async function removeHalf(phone: PhoneAtWork, half: string): Promise<void> {
  const gone = async () => {
    await runShell(phone.link(), `rm -f ${quoted(half)}`, { timeoutMs: QUICK_MS });
  };
  const { epoch } = phone.custody.held;
  await gone().catch(() => {
    const forget = phone.watch({
      cut: () => forget(),
      lost: () => undefined,
      ready: () => {
        forget();
        if (phone.custody.held.epoch === epoch) void gone().catch(() => undefined);
      },
    });
  });
}

/** So that galleries see it; as well as it goes. */
async function scan({ phone, signal }: Doing, place: string): Promise<void> {
  const sdk = phone.report.sdk ?? TELLS_ITSELF_SDK;
  if (sdk >= TELLS_ITSELF_SDK || !place.startsWith("/storage/")) return;
  const url = `file://${place.split("/").map(encodeURIComponent).join("/")}`;
  const command = `am broadcast -a android.intent.action.MEDIA_SCANNER_SCAN_FILE -d ${quoted(url)}`;
  await untilAborted(runShell(phone.link(), command, { timeoutMs: SCAN_MS }), signal).catch(() => undefined);
}
