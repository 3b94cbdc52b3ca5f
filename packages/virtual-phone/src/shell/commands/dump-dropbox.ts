/** `dumpsys dropbox [--print] [TAG]`: DropBoxManagerService's format. */
import type { Phone } from "../../phone/phone.js";

export function dumpDropBox({ dropBox }: Phone, args: readonly string[]): string[] {
  const whole = args.includes("--print") || args.includes("-p");
  const tag = args.find((arg) => !arg.startsWith("-"));
  const found = dropBox.entries.filter((entry) => tag === undefined || entry.tag === tag);
  const lines = [`Drop box contents: ${dropBox.entries.length} entries`, "Max entries: 1000"];
  if (tag !== undefined) lines.push("", `Searching for: ${tag}`);
  for (const { tag: name, time, text } of found) {
    const date = new Date(time).toISOString().slice(0, 19).replace("T", " ");
    if (whole) lines.push("", "========================================");
    lines.push(`${date} ${name} (text, ${Buffer.byteLength(text)} bytes)`);
    lines.push(...(whole ? text.split("\n") : [`    ${text.split("\n")[0] ?? ""}/...`]));
  }
  return found.length > 0 ? lines : [...lines, "(No entries found.)"];
}
