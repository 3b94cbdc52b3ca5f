/** What is on a phone's screen by `uiautomator dump`, asked with the real adb. */
import type { AdbCli } from "./adb-cli.js";

export interface UiNode {
  readonly text: string;
  readonly id: string;
  readonly description: string;
  /** In device pixels. */
  readonly middle: { readonly x: number; readonly y: number };
}

export async function dumpUi(adb: AdbCli, serial: string): Promise<UiNode[]> {
  const { stdout } = await adb.run(["-s", serial, "exec-out", "uiautomator", "dump", "/dev/tty"]);
  return [...stdout.matchAll(/<node ([^>]*)>/g)].map(([, attributes = ""]) => {
    const get = (name: string) => unescapeXml(new RegExp(` ${name}="([^"]*)"`).exec(` ${attributes}`)?.[1] ?? "");
    const [left = 0, top = 0, right = 0, bottom = 0] = get("bounds").match(/-?\d+/g)?.map(Number) ?? [];
    return {
      text: get("text"),
      id: get("resource-id"),
      description: get("content-desc"),
      middle: { x: (left + right) / 2, y: (top + bottom) / 2 },
    };
  });
}

function unescapeXml(text: string): string {
  return text.replaceAll(/&(#x?[0-9a-fA-F]+|\w+);/g, (whole, name: string) => {
    if (name.startsWith("#x")) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    if (name.startsWith("#")) return String.fromCodePoint(Number(name.slice(1)));
    return { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }[name] ?? whole;
  });
}
