/** am (also `cmd activity`): starting, stopping, broadcasts, instrumentation, stacks. */

import type { StartResult } from "../../phone/activity-record.js";
import { INDUCED } from "../../phone/app-errors.js";
import { describeIntent, longComponent, shortComponent } from "../../phone/intent.js";
import type { Call, CommandSet } from "../command.js";
import { readOptions } from "../options.js";
import { readIntent } from "./intents.js";

type Verb = (call: Call, args: readonly string[]) => Promise<number>;
const SHELL_UID = 2000;

interface StartOptions {
  readonly wait: boolean;
  readonly stop: boolean;
  readonly repeat: number;
  readonly rest: readonly string[];
}

/** Options of `am start` itself; the others are the intent's. */
function startOptions(args: readonly string[]): StartOptions {
  const rest: string[] = [];
  let [wait, stop, repeat] = [false, false, 1];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    if (arg === "-W") wait = true;
    else if (arg === "-S") stop = true;
    else if (arg === "-R") repeat = Math.min(Number(args[++i]) || 1, 100);
    else if (
      [
        "--user",
        "--display",
        "--windowingMode",
        "--activityType",
        "--task",
        "-P",
        "--attach-agent",
        "--start-profiler",
        "--sampling",
      ].includes(arg)
    )
      i++;
    else if (
      ![
        "-D",
        "-N",
        "--streaming",
        "--track-allocation",
        "--task-overlay",
        "--lock-task",
        "--allow-background-activity-starts",
        "--splashscreen-icon",
        "--splashscreen-show-icon",
      ].includes(arg)
    )
      rest.push(arg);
  }
  return { wait, stop, repeat, rest };
}

const start: Verb = async (call, args) => {
  const options = startOptions(args);
  const read = readIntent(options.rest);
  if (read.error) return failed(call, "start", `java.lang.IllegalArgumentException: ${read.error}`);
  const unknown = read.rest.find((word) => word.startsWith("-"));
  if (unknown !== undefined) return failed(call, "start", `java.lang.IllegalArgumentException: Unknown option: ${unknown}`);
  const { packages, activities } = call.phone;
  // A bare package name is taken for its launcher activity.
  const launcher = read.rest[0] === undefined ? undefined : packages.launcherActivity(read.rest[0]);
  const intent = {
    ...read.intent,
    ...(launcher ? { component: longComponent(launcher), action: read.intent.action ?? "android.intent.action.MAIN" } : {}),
  };
  const shown = { ...intent, flags: (intent.flags ?? 0) | 0x10000000 };
  let status = 0;
  for (let round = 0; round < options.repeat && status === 0; round++) {
    const [component] = packages.resolve(intent);
    if (options.stop && component) {
      activities.forceStop(component.package, "start with -S");
      if (intent.component === undefined) await call.say(`Stopping: ${component.package}`);
    }
    await call.say(`Starting: Intent ${describeIntent(intent)}`);
    const before = call.phone.clock.now();
    const result = activities.start(shown, SHELL_UID);
    status = await reportStart(call, { result, intent: describeIntent(intent), component: intent.component });
    if (status === 0 && options.wait) await reportWait(call, result, before);
  }
  return status;
};

async function reportStart(
  call: Call,
  { result, intent, component }: { result: StartResult; intent: string; component: string | undefined },
): Promise<number> {
  switch (result.code) {
    case "not-found":
      await call.complain(
        component === undefined
          ? `Error: Activity not started, unable to resolve Intent ${intent}`
          : `Error type 3\nError: Activity class {${fullName(component)}} does not exist.`,
      );
      return 1;
    case "not-exported": {
      const name = result.component ? shortComponent(result.component) : "";
      return failed(
        call,
        "start",
        `java.lang.SecurityException: Permission Denial: starting Intent ${intent} from null (pid=${call.pid}, uid=${SHELL_UID}) not exported from uid ${call.phone.packages.get(result.component?.package ?? "")?.uid ?? 0} ${name}`.trimEnd(),
      );
    }
    case "delivered-to-top":
      await call.complain("Warning: Activity not started, intent has been delivered to currently running top-most instance.");
      return 0;
    case "task-to-front":
      await call.complain("Warning: Activity not started, its current task has been brought to the front");
      return 0;
    case "started":
      return 0;
    default:
      return result.code satisfies never;
  }
}

function fullName(component: string): string {
  const [packageName = "", name = ""] = component.split("/");
  return `${packageName}/${name.startsWith(".") ? packageName + name : name}`;
}

async function reportWait(call: Call, result: StartResult, before: number): Promise<void> {
  if (result.totalTime > 0) await call.sleep(result.totalTime);
  const took = Math.max(result.totalTime, call.phone.clock.now() - before);
  const total = result.code === "delivered-to-top" ? 0 : took;
  const modern = call.phone.model.sdk >= 29;
  await call.say(
    "Status: ok",
    ...(modern ? [`LaunchState: ${result.launchState}${result.launchState === "UNKNOWN" ? " (0)" : ""}`] : []),
    `Activity: ${result.component ? shortComponent(result.component) : ""}`,
    ...(modern ? [] : [`ThisTime: ${total}`]),
    `TotalTime: ${total}`,
    `WaitTime: ${took + 2}`,
    "Complete",
  );
}

function failed(call: Call, verb: string, exception: string): Promise<number> {
  return call.complain(
    `\nException occurred while executing '${verb}':\n${exception}\n\tat com.android.server.am.ActivityManagerShellCommand.onCommand(ActivityManagerShellCommand.java)`,
    255,
  );
}

const forceStop: Verb = async (call, args) => {
  const { rest } = readOptions(args, { long: ["user="] });
  const [name] = rest;
  if (name === undefined)
    return failed(call, "force-stop", `java.lang.IllegalArgumentException: Argument expected after "force-stop"`);
  call.phone.activities.forceStop(name);
  call.host.instrumentations.stop(name);
  return 0;
};

/** `am kill`: only what is in the background. */
const kill: Verb = async (call, args) => {
  const { rest } = readOptions(args, { long: ["user="] });
  const [name = ""] = rest;
  if (call.phone.foreground?.component.package === name) return 0;
  for (const process of call.phone.processes.ofPackage(name)) call.phone.processes.end(process.pid, "kill background");
  return 0;
};

const broadcast: Verb = async (call, args) => {
  const { intent, error } = readIntent(args.filter((arg, index) => arg !== "--user" && args[index - 1] !== "--user"));
  if (error) return failed(call, "broadcast", `java.lang.IllegalArgumentException: ${error}`);
  await call.say(`Broadcasting: Intent ${describeIntent({ ...intent, flags: (intent.flags ?? 0) | 0x400000 })}`);
  // What only the system may send is refused, as BroadcastController does.
  if (
    /^android\.intent\.action\.(BOOT_COMPLETED|BATTERY_CHANGED|AIRPLANE_MODE|SCREEN_ON|SCREEN_OFF|USER_PRESENT|PACKAGE_ADDED|PACKAGE_REMOVED)$/.test(
      intent.action ?? "",
    )
  ) {
    return failed(
      call,
      "broadcast",
      `java.lang.SecurityException: Permission Denial: not allowed to send broadcast ${intent.action} from pid=${call.pid}, uid=${SHELL_UID}`,
    );
  }
  return call.say("Broadcast completed: result=0");
};

/**
 * Instrumentation needs an app's code to run: there is none in a phone made of code, and it says so as Android says it of a missing one. The one
 * exception is Appium's UiAutomator2 server, which the phone emulates.
 */
const instrument: Verb = async (call, args) => {
  const component = args.filter((arg) => !arg.startsWith("-")).at(-1) ?? "";
  if (call.host.instrumentations.runs(component)) return runInstrumentation(call, args.includes("-w"));
  const [packageName = "", name = ""] = component.split("/");
  const known = call.phone.packages
    .get(packageName)
    ?.instrumentations?.some((one) => one.name === name || one.name === packageName + name);
  const text = known
    ? `Error=Instrumentation ${component} needs an app's own code, which virtual phones do not run`
    : `Error=Unable to find instrumentation info for: ComponentInfo{${component}}`;
  await call.say(
    `INSTRUMENTATION_STATUS: id=ActivityManagerService`,
    `INSTRUMENTATION_STATUS: ${text}`,
    "INSTRUMENTATION_STATUS_CODE: -1",
  );
  return call.complain(
    `android.util.AndroidException: INSTRUMENTATION_FAILED: ${component}\n\tat com.android.commands.am.Instrument.run(Instrument.java)`,
    1,
  );
};

/** Without `-w` nobody lends it UiAutomation, and the server's test ends at once. */
async function runInstrumentation(call: Call, wait: boolean): Promise<number> {
  if (!wait) return 0;
  const start = call.phone.clock.now();
  const end = await call.host.instrumentations.run(call.signal);
  if (end === "crashed") return call.say("INSTRUMENTATION_RESULT: shortMsg=Process crashed.", "INSTRUMENTATION_CODE: 0");
  const seconds = ((call.phone.clock.now() - start) / 1000).toFixed(3);
  return call.say(
    "",
    "io.appium.uiautomator2.server.test.AppiumUiAutomator2Server:.",
    "",
    `Time: ${seconds}`,
    "",
    "OK (1 test)",
    "",
    "",
  );
}

const service: Verb = (call, args) => {
  const { intent } = readIntent(args.filter((arg, index) => arg !== "--user" && args[index - 1] !== "--user"));
  const info = call.phone.packages.get(intent.component?.split("/")[0] ?? "");
  return call
    .say(`Starting service: Intent ${describeIntent(intent)}`)
    .then(() => (info ? 0 : call.complain("Error: Not found; no service started.", 255)));
};

const stack: Verb = (call, [verb, id = ""]) => {
  // Up to API 29 a stack has a number of its own; here both are the task's.
  if (verb === "remove") {
    if (!/^\d+$/.test(id)) return failed(call, "stack", `java.lang.NumberFormatException: For input string: "${id}"`);
    call.phone.activities.removeTask(Number(id));
    return Promise.resolve(0);
  }
  if (verb !== "list") return call.complain(`Error: unknown command '${verb ?? ""}'`, 255);
  const { width, height } = call.phone.display;
  const lines = call.phone.activities
    .tasks()
    .flatMap((task) => [
      `${call.phone.model.sdk >= 31 ? "RootTask" : "Stack"} id=${task.id} bounds=[0,0][${width},${height}] displayId=0 userId=0`,
      `  taskId=${task.id}: ${task.activities[0] ? shortComponent(task.activities[0].component) : task.affinity} bounds=[0,0][${width},${height}] userId=0 visible=${call.phone.activities.visible?.taskId === task.id}`,
      "",
    ]);
  return call.sayAll(lines);
};

const crash: Verb = async (call, args) => {
  const { rest } = readOptions(args, { long: ["user="] });
  const [subject = ""] = rest;
  const name = call.phone.processes.get(Number(subject))?.package ?? subject;
  call.phone.activities.crash(name, INDUCED);
  return 0;
};

const getConfig: Verb = (call) => {
  const { width, height, density, rotation } = call.phone.display.state;
  const dp = (pixels: number): number => Math.floor((pixels * 160) / density);
  const [language = "en", region = "US"] = call.phone.locale.split("-");
  return call.say(
    `config: ${language}-r${region}-ldltr-sw${Math.min(dp(width), dp(height))}dp-w${dp(width)}dp-h${dp(height)}dp-normal-${rotation % 2 === 1 ? "land" : "port"}-notnight-${density}dpi-finger-keysexposed-nokeys-navhidden-nonav-v${call.phone.model.sdk}`,
    "abi: arm64-v8a,armeabi-v7a,armeabi",
  );
};

const VERBS: Readonly<Record<string, Verb>> = {
  start,
  "start-activity": start,
  "force-stop": forceStop,
  "stop-app": forceStop,
  kill,
  "kill-all": async () => 0,
  broadcast,
  instrument,
  startservice: service,
  "start-service": service,
  "start-foreground-service": service,
  startforegroundservice: service,
  stopservice: service,
  "stop-service": service,
  stack,
  task: stack,
  crash,
  "get-config": getConfig,
  "get-current-user": (call) => call.say("0"),
  "get-standby-bucket": (call) => call.say("10"),
  "get-started-user-state": (call) => call.say("RUNNING_UNLOCKED"),
  "switch-user": async () => 0,
  "is-user-stopped": (call) => call.say("false"),
  "idle-maintenance": async () => 0,
  "set-debug-app": async () => 0,
  "clear-debug-app": async () => 0,
  "set-standby-bucket": async () => 0,
  compat: async () => 0,
  "wait-for-broadcast-idle": (call) => call.say("All broadcast queues are idle!"),
  restart: async (call) => {
    call.host.reboot("");
    return 0;
  },
};

const USAGE = `Activity manager (activity) commands:
  help
      Print this help text.
  start-activity [-D] [-N] [-W] [-P <FILE>] [-R COUNT] [-S] [--user <USER_ID> | current] <INTENT>
      Start an Activity.
  start-service, stop-service, broadcast <INTENT>
  instrument [-r] [-e <NAME> <VALUE>] [-w] <COMPONENT>
  force-stop [--user <USER_ID> | all | current] <PACKAGE>
  kill [--user <USER_ID> | all | current] <PACKAGE>
  crash [--user <USER_ID>] <PACKAGE|PID>
  stack list
  get-current-user
  get-config`;

/** `am …`, `cmd activity …` */
export function am(call: Call): Promise<number> {
  const [verb, ...args] = call.args;
  if (verb === undefined || verb === "help" || verb === "-h") return verb ? call.say(USAGE) : call.complain(USAGE, 255);
  const run = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  return run ? run(call, args) : call.complain(`Unknown command: ${verb}`, 255);
}

export const activityCommands: CommandSet = { toybox: {}, own: { am } };
