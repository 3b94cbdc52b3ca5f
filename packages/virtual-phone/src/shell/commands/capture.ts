/** screencap and uiautomator: the screen as a picture and as a tree; app_process, which is how scrcpy's server starts. */
import type { HierarchyNode } from "../../phone/hierarchy.js";
import { pause } from "../../phone/latency.js";
import type { Call, CommandSet } from "../command.js";
import { readOptions } from "../options.js";
import { deviceSink } from "../redirects.js";
import { untilAborted } from "../streams.js";

async function screencap(call: Call): Promise<number> {
  const { on, rest, unknown } = readOptions(call.args, { flags: "ph", values: "d", long: ["display-id="] });
  if (unknown || on.has("h"))
    return call.complain(
      "usage: screencap [-hp] [-d display-id] [FILENAME]\n   -h: this message\n   -p: save the file as a png.\n   -d: specify the physical display ID to capture\nIf FILENAME ends with .png it will be saved as a png.\nIf FILENAME is not given, the results will be printed to stdout.",
      1,
    );
  const [path] = rest;
  const png = on.has("p") || Boolean(path?.endsWith(".png"));
  const sink = path === undefined ? call.io.stdout : deviceSink(call.path(path), call.io);
  if (sink) {
    if (png) await sink.write(await call.host.screenshot());
    else await writeRaw(call, (bytes) => sink.write(bytes));
    return 0;
  }
  if (path === undefined) return 1;
  const { content } = call.files.openForWriting(call.path(path));
  if (png) await content.append(await call.host.screenshot());
  else await writeRaw(call, (bytes) => content.append(bytes));
  await content.settle();
  return 0;
}

/** Width, height, PIXEL_FORMAT_RGBA_8888 (1), and from API 28 the colour space; then the rows. */
async function writeRaw(call: Call, write: (bytes: Uint8Array) => Promise<void>): Promise<void> {
  const { width, height } = call.phone.screen.size();
  const words = [width, height, 1, ...(call.phone.model.sdk >= 28 ? [1] : [])];
  const header = Buffer.alloc(words.length * 4);
  for (const [index, word] of words.entries()) header.writeUInt32LE(word, index * 4);
  await write(header);
  // `screencap | head -c 16` asks only whether there is a picture: when the reader has gone by now, nothing needs to be drawn.
  await new Promise<void>((resolve) => setImmediate(resolve));
  if (call.signal.aborted) return;
  const { rgba } = await call.host.pixels();
  await write(rgba);
}

/** app_process runs a Java class; the one that this phone knows is scrcpy's server. */
async function appProcess(call: Call): Promise<number> {
  const words = call.args.filter((arg) => !arg.startsWith("-"));
  const [, className = "", ...rest] = words;
  if (words.length < 2) return call.complain("Usage: app_process [java-options] cmd-dir start-class-name [options]", 1);
  if (className !== "com.genymobile.scrcpy.Server") return notFound(call, className);
  const jar = call.env.get("CLASSPATH");
  if (!jar || !call.files.exists(call.path(jar))) return notFound(call, className);
  const { stdout, stderr } = call.io;
  return call.host.runScrcpy(rest, { stdout, stderr, signal: call.signal });
}

function notFound(call: Call, className: string): Promise<number> {
  return call.complain(`Error: could not find class '${className}'\nAborted`, 134);
}

/** Characters that XML 1.0 cannot hold are dots in a dump (AccessibilityNodeInfoDumper.stripInvalidXMLChars). */
function attribute(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, ".")
    .replace(
      /[&<>"\n\r\t]/g,
      (character) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[character] ?? `&#${character.charCodeAt(0)};`,
    );
}

/** The order and names are AccessibilityNodeInfoDumper's. */
function nodeXml(node: HierarchyNode): string {
  const { left, top, right, bottom } = node.bounds;
  const values: [string, string | number | boolean][] = [
    ["index", node.index],
    ["text", node.text],
    ["resource-id", node.resourceId],
    ["class", node.className],
    ["package", node.packageName],
    ["content-desc", node.contentDescription],
    ["checkable", node.checkable],
    ["checked", node.checked],
    ["clickable", node.clickable],
    ["enabled", node.enabled],
    ["focusable", node.focusable],
    ["focused", node.focused],
    ["scrollable", node.scrollable],
    ["long-clickable", node.longClickable],
    ["password", node.password],
    ["selected", node.selected],
    ["bounds", `[${left},${top}][${right},${bottom}]`],
  ];
  const attributes = values.map(([name, value]) => `${name}="${attribute(String(value))}"`).join(" ");
  if (node.children.length === 0) return `<node ${attributes} />`;
  return `<node ${attributes}>${node.children.map(nodeXml).join("")}</node>`;
}

function hierarchyXml(rotation: number, root: HierarchyNode): string {
  return `<?xml version='1.0' encoding='UTF-8' standalone='yes' ?><hierarchy rotation="${rotation}">${nodeXml(root)}</hierarchy>`;
}

async function uiautomator(call: Call): Promise<number> {
  const [verb, ...rest] = call.args;
  if (verb !== "dump") {
    const usage =
      "Usage: uiautomator <subcommand> [options]\n\nAvailable subcommands:\n\nhelp: displays help message\n\nruntest: executes UI automation tests\n\ndump: creates an XML dump of current UI hierarchy\n\nevents: prints out accessibility events until terminated";
    return verb === undefined || verb === "help" ? call.say(usage) : call.complain(`${verb}: not available on this phone`, 1);
  }
  const { rest: paths } = readOptions(rest, { long: ["compressed", "windows", "verbose"] });
  const path = paths[0] ?? "/sdcard/window_dump.xml";
  await untilAborted(pause(call.phone.clock, call.phone.latency.hierarchy), call.signal);
  if (call.signal.aborted) return 1;
  // Its process dies of the exception that another owns UiAutomation.
  if (call.host.instrumentations.ownsUiAutomation) return call.complain("Killed ", 137);
  if (!call.phone.power.interactive) return call.complain("ERROR: null root node returned by UiTestAutomationBridge.", 1);
  const { rotation, root } = call.phone.hierarchy();
  const xml = hierarchyXml(rotation, root);
  const device = deviceSink(call.path(path), call.io);
  // To the terminal the sentence follows the XML without a line end between, as the real one's.
  if (device) await device.write(xml);
  else await call.files.writeAll(call.path(path), Buffer.from(xml));
  return call.say(`UI hierchary dumped to: ${path}`);
}

export const captureCommands: CommandSet = {
  toybox: {},
  own: { screencap, uiautomator, app_process: appProcess, app_process64: appProcess, app_process32: appProcess },
};
