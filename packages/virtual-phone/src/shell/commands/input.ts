/** input (also `cmd input`) and monkey. Events go through the phone's injection like everybody's. */
import type { Call, CommandSet } from "../command.js";
import { keyCode } from "../key-names.js";

/** Events per second of a swipe, about a touch screen's rate. */
const MOVE_MS = 8;
const LONG_PRESS_MS = 500;
const SOURCES = new Set([
  "dpad",
  "keyboard",
  "mouse",
  "touchpad",
  "gamepad",
  "touchnavigation",
  "joystick",
  "touchscreen",
  "stylus",
  "trackball",
  "rotaryencoder",
]);

const USAGE = `Usage: input [<source>] [-d DISPLAY_ID] <command> [<arg>...]

The sources are:
      touchnavigation
      touchscreen
      joystick
      stylus
      touchpad
      gamepad
      dpad
      mouse
      keyboard
      trackball
      rotaryencoder

-d: specify the display ID.

The commands and default sources are:
      text <string> (Default: keyboard)
      keyevent [--longpress|--doubletap] <key code number or name> ... (Default: keyboard)
      tap <x> <y> (Default: touchscreen)
      swipe <x1> <y1> <x2> <y2> [duration(ms)] (Default: touchscreen)
      draganddrop <x1> <y1> <x2> <y2> [duration(ms)] (Default: touchscreen)
      press (Default: trackball)
      roll <dx> <dy> (Default: trackball)
      motionevent <DOWN|UP|MOVE|CANCEL> <x> <y> (Default: touchscreen)
      scroll <x> <y> [axis_value] (Default: mouse)`;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** What a Java exception in a shell command looks like. */
function threw(call: Call, verb: string, exception: string): Promise<number> {
  return call.complain(
    `\nException occurred while executing '${verb}':\n${exception}\n\tat com.android.server.input.InputShellCommand.onCommand(InputShellCommand.java)\n\tat com.android.modules.utils.BasicShellCommandHandler.exec(BasicShellCommandHandler.java)`,
    255,
  );
}

function numbers(args: readonly string[]): number[] | undefined {
  const found = args.map(Number);
  return args.length > 0 && args.every((arg) => arg.trim() !== "") && found.every(Number.isFinite) ? found : undefined;
}

/** `input …` */
export async function input(call: Call): Promise<number> {
  let args = [...call.args];
  if (SOURCES.has(args[0] ?? "")) args = args.slice(1);
  if (args[0] === "-d") args = args.slice(2);
  const [verb = "", ...rest] = args;
  const command = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  if (!command) return verb === "" ? call.complain(USAGE, 255) : call.complain(`Unknown command: ${verb}`, 255);
  const { refusal } = call.phone.input;
  if (refusal !== null) return threw(call, verb, `java.lang.SecurityException: ${refusal}`);
  const result = await command(call, rest);
  return typeof result === "number" ? result : threw(call, verb, `java.lang.IllegalArgumentException: ${result.bad}`);
}

type Verb = (call: Call, args: readonly string[]) => Promise<number | { readonly bad: string }>;

/** From one point to another as a finger does, `hold` ms still at the start. */
async function drag(call: Call, path: { from: Point; to: Point; ms: number; hold?: number }): Promise<number> {
  const { from, to, ms, hold = 0 } = path;
  const { input: injection, clock } = call.phone;
  injection.touch("down", 0, from);
  let whole = hold === 0 || (await call.sleep(hold));
  const start = clock.now();
  for (let passed = 0; whole && passed < ms; passed = clock.now() - start) {
    const part = Math.min(1, passed / ms);
    injection.touch("move", 0, { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part });
    whole = await call.sleep(MOVE_MS);
  }
  if (whole) injection.touch("move", 0, to);
  injection.touch(whole ? "up" : "cancel", 0, to);
  return whole ? 0 : 130;
}

const tap: Verb = async (call, args) => {
  const [x, y] = numbers(args.slice(0, 2)) ?? [];
  if (x === undefined || y === undefined) return { bad: 'Argument expected after "tap"' };
  call.phone.input.touch("down", 0, { x, y });
  call.phone.input.touch("up", 0, { x, y });
  return 0;
};

const swipe =
  (hold: number): Verb =>
  async (call, args) => {
    const [x, y, toX, toY, ms = 300] = numbers(args.slice(0, 5)) ?? [];
    if (x === undefined || y === undefined || toX === undefined || toY === undefined)
      return { bad: 'Argument expected after "swipe"' };
    return drag(call, { from: { x, y }, to: { x: toX, y: toY }, ms: Math.min(Math.max(ms, 0), 60_000), hold });
  };

const keyevent: Verb = async (call, args) => {
  const longpress = args.includes("--longpress");
  const names = args.filter((arg) => !arg.startsWith("--"));
  if (names.length === 0) return { bad: 'Argument expected after "keyevent"' };
  for (const name of names) {
    const code = keyCode(name);
    // KeyEvent.keyCodeFromString gives 0 for what it does not know; key 0 does nothing and is no error.
    if (code === undefined || code === 0) continue;
    for (let presses = args.includes("--doubletap") ? 2 : 1; presses > 0; presses--) {
      call.phone.input.key("down", code);
      if (longpress) await call.sleep(LONG_PRESS_MS);
      call.phone.input.key("up", code);
    }
  }
  return 0;
};

const text: Verb = async (call, args) => {
  const [first] = args;
  if (first === undefined) return { bad: 'Argument expected after "text"' };
  // "%s" stands for a space; the first word only, as the real one's.
  const typed = first.replaceAll("%s", " ");
  if (typed === "" || call.phone.input.text(typed)) return 0;
  return threw(call, "text", "java.lang.NullPointerException: Attempt to get length of null array");
};

const motionevent: Verb = async (call, args) => {
  const phases = { DOWN: "down", UP: "up", MOVE: "move", CANCEL: "cancel" } as const;
  const phase = phases[(args[0] ?? "").toUpperCase() as keyof typeof phases];
  const [x, y] = numbers(args.slice(1, 3)) ?? [];
  if (!phase) return { bad: `Unknown action: ${args[0] ?? ""}` };
  if (phase !== "cancel" && (x === undefined || y === undefined)) return { bad: 'Argument expected after "motionevent"' };
  call.phone.input.touch(phase, 0, { x: x ?? 0, y: y ?? 0 });
  return 0;
};

const scroll: Verb = async (call, args) => {
  const [x, y] = numbers(args.slice(0, 2)) ?? [];
  if (x === undefined || y === undefined) return { bad: 'Argument expected after "scroll"' };
  const axis = (name: string): number =>
    Number(
      /^--axis$/.test(args[2] ?? "")
        ? args[3]?.startsWith(name)
          ? args[3].split(",")[1]
          : 0
        : name === "VSCROLL"
          ? (args[2] ?? 1)
          : 0,
    ) || 0;
  call.phone.input.scroll(x, y, { horizontal: axis("HSCROLL"), vertical: axis("VSCROLL") });
  return 0;
};

const VERBS: Readonly<Record<string, Verb>> = {
  text,
  keyevent,
  tap,
  swipe: swipe(0),
  draganddrop: swipe(LONG_PRESS_MS),
  press: async (call) => {
    call.phone.input.press(23);
    return 0;
  },
  // Trackballs only move the focus; there is none to move here.
  roll: async (_call, args) => (numbers(args.slice(0, 2)) ? 0 : { bad: 'Argument expected after "roll"' }),
  motionevent,
  scroll,
  keycombination: async (call, args) => {
    const codes = args.map(keyCode).filter((code): code is number => code !== undefined && code > 0);
    for (const code of codes) call.phone.input.key("down", code);
    for (const code of codes.reverse()) call.phone.input.key("up", code);
    return 0;
  },
};

/** `monkey -p PACKAGE … COUNT`: with a launcher category and count 1 it starts the app, which is what people use it for. */
async function monkey(call: Call): Promise<number> {
  const { args, phone } = call;
  const at = args.indexOf("-p");
  const packageName = at >= 0 ? args[at + 1] : undefined;
  const count = Math.min(Number(args.at(-1)) || 0, 10_000);
  if (!packageName || count < 1)
    return call.complain(
      "usage: monkey [-p ALLOWED_PACKAGE [-p ALLOWED_PACKAGE] ...]\n              [-c MAIN_CATEGORY [-c MAIN_CATEGORY] ...]\n              [-v [-v] ...]\n              COUNT",
      1,
    );
  await call.complain(`  bash arg: ${args.join("\n  bash arg: ")}`);
  const component = phone.packages.launcherActivity(packageName);
  const info = phone.packages.get(packageName);
  if (!component || !info || !phone.packages.isEnabled(info)) {
    await call.say("** No activities found to run, monkey aborted.");
    return 252;
  }
  phone.activities.start(
    {
      action: "android.intent.action.MAIN",
      categories: ["android.intent.category.LAUNCHER"],
      component: `${component.package}/${component.activity}`,
    },
    2000,
  );
  for (let event = 1; event < count && !call.signal.aborted; event++) {
    const point = {
      x: phone.random.between(0, phone.display.width - 1),
      y: phone.random.between(Math.floor(phone.display.height * 0.1), Math.floor(phone.display.height * 0.9)),
    };
    phone.input.touch("down", 0, point);
    phone.input.touch("up", 0, point);
    if (phone.foreground?.component.package !== packageName)
      phone.activities.start(
        { action: "android.intent.action.MAIN", component: `${component.package}/${component.activity}` },
        2000,
      );
    if (event % 20 === 0) await call.sleep(1);
  }
  return call.say(`Events injected: ${count}`, "## Network stats: elapsed time=12ms (0ms mobile, 0ms wifi, 12ms not connected)");
}

export const inputCommands: CommandSet = { toybox: {}, own: { input, monkey } };
