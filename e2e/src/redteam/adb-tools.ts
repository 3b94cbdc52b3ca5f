/**
 * What testers have on their desks, turned on somebody else's app: shells, and the real adb, scrcpy client and Appium through the lab's own tunnel, each at work on an
 * app of one's own when the other comes in front.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Adb, AdbServerClient } from "@yume-chan/adb";
import { AdbScrcpyClient, AdbScrcpyOptions3_3_1 } from "@yume-chan/adb-scrcpy";
import { AdbServerNodeTcpConnector } from "@yume-chan/adb-server-node-tcp";
import { AndroidMotionEventAction, DefaultServerPath, ScrcpyPointerId } from "@yume-chan/scrcpy";
import { ReadableStream, WritableStream } from "@yume-chan/stream-extra";
import { expect } from "vitest";
import { type AdbCli, startAdbCli } from "../adb-cli.js";
import { startAppium } from "../appium.js";
import { freePort } from "../free-port.js";
import { type DeviceView, firstLine, launch } from "../phonerack.js";
import { BAZAAR, NOTES, type RedLab } from "./red-lab.js";
import type { Scenario } from "./scenario.js";

/** A place in the phone's pixels, on a screen of this size. */
interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Desk {
  readonly lab: RedLab;
  readonly phone: DeviceView;
  /** The machine's own adb, to which the phone is connected by `phonerack adb`. */
  readonly adb: AdbCli;
  readonly serial: string;
  /** Bazaar's. */
  readonly like: Place;
}

const LOOPED = 60;
const SHELL_TAPS = 4 + LOOPED;
const TOUCHES = 40;
const TAPS = 8;

export const adb: Scenario = {
  name: "raw adb, scrcpy and Appium around the gate",
  // A stranger in front is met before the fence has closed, too, or is what shows that it has a gap.
  refusals: [
    "many-other",
    "many-target",
    "many-unknown",
    "many-leaky",
    "many-permitted-shell",
    "many-unfenced",
    "shell-unfenced",
  ],
  // On a phone whose fence only feigns to hold, what was on its way when the app came in front.
  budget: 3,
  landed: (lab) => lab.reached(),
  twin: async (lab) => {
    await lab.open(`-n ${NOTES}/.MainActivity`, NOTES);
    const { stdout } = await lab.cli("shell", lab.phones[0]?.name ?? "", "--no-tty", "--", "input tap 200 120; echo done");
    return stdout.includes("done");
  },
  attempt: async (lab) => {
    // Each on a phone of its own: where a stranger came past the fence no shell opens any more.
    const [first, second, third] = lab.phones;
    if (!first || !second || !third) throw new Error("this needs three phones");
    await byShells(lab, first);
    await atDesk(lab, second, byScrcpy);
    await atDesk(lab, third, byAppium);
    return SHELL_TAPS + TOUCHES + TAPS;
  },
};

/** Where everything is let through each tool lands by itself: else its part would prove nothing. */
async function atDesk(lab: RedLab, phone: DeviceView, work: (desk: Desk) => Promise<void>): Promise<void> {
  await lab.open(`-n ${BAZAAR}/.MainActivity`, BAZAAR);
  const like = await lab.placeOf("like", phone);
  await lab.open(`-n ${NOTES}/.MainActivity`, NOTES);
  const before = await lab.reached();
  const adb = await startAdbCli();
  const tunnel = launch(["adb", phone.name, "--control", lab.url, "--token", lab.token, "--json"], adb.environment);
  try {
    const { serial } = JSON.parse(await firstLine(tunnel)) as { serial: string };
    await work({ lab, phone, adb, serial, like });
  } finally {
    tunnel.child.kill("SIGTERM");
    await tunnel.exited;
    await adb.stop();
  }
  if (lab.letsThrough) expect(await lab.reached(), work.name).toBeGreaterThan(before);
}

async function byShells(lab: RedLab, phone: DeviceView): Promise<void> {
  await lab.open(`-n ${BAZAAR}/.MainActivity`, BAZAAR);
  const [like, { name }] = [await lab.placeOf("like", phone), phone];
  const ways = [
    `input tap ${like.x} ${like.y}`,
    "am instrument -w io.appium.uiautomator2.server.test/androidx.test.runner.AndroidJUnitRunner",
    `CLASSPATH=/data/local/tmp/scrcpy-server.jar app_process / com.genymobile.scrcpy.Server 3.3.1 control=true; input tap ${like.x} ${like.y}`,
    `nohup sh -c 'sleep 1; input tap ${like.x} ${like.y}' > /dev/null 2>&1 &`,
  ];
  for (const way of ways) await Promise.race([lab.cli("shell", name, "--no-tty", "--", way), wait(8_000)]);
  await wait(1_500);
  // Open and in use, on an app of one's own, when the other comes in front.
  await lab.open(`-n ${NOTES}/.MainActivity`, NOTES);
  const loop = `i=0; while [ $i -lt ${LOOPED} ]; do input tap ${like.x} ${like.y}; sleep 0.1; i=$((i+1)); done`;
  const looping = lab.cli("shell", name, "--no-tty", "--", loop);
  for (let tries = 0; tries < 100; tries++) {
    const { body } = await lab.call("GET", `/devices/${phone.id}`);
    if ((body.work?.shells ?? 0) > 0 && body.work.stalled === null) break;
    await wait(100);
  }
  await wait(500);
  await strangerComes(lab, phone);
  await Promise.race([looping, wait(10_000)]);
}

/** By somebody at the phone. */
async function strangerComes(lab: RedLab, phone: DeviceView): Promise<void> {
  await lab.everywhere(`am start -n ${BAZAAR}/.MainActivity`, [phone]);
}

/** Tango's scrcpy client, which is nobody's of ours: it pushes its server, starts it, takes its picture and sends touches by its control channel. */
async function byScrcpy({ lab, phone: device, adb: { port }, serial, like }: Desk): Promise<void> {
  const server = new AdbServerClient(new AdbServerNodeTcpConnector({ host: "127.0.0.1", port }));
  const phone = new Adb(await server.createTransport({ serial }));
  await AdbScrcpyClient.pushServer(phone, ReadableStream.from([new Uint8Array(Buffer.from("PK"))]));
  const options = new AdbScrcpyOptions3_3_1({ tunnelForward: true, audio: false, maxSize: 400, maxFps: 10 });
  const client = await AdbScrcpyClient.start(phone, DefaultServerPath, options);
  const video = await client.videoStream;
  void video?.stream.pipeTo(new WritableStream({ write: () => undefined })).catch(() => undefined);
  // Which size it has says its first packet.
  await expect.poll(() => video?.width ?? 0, { timeout: 10_000 }).toBeGreaterThan(0);
  const [videoWidth, videoHeight] = [video?.width ?? 0, video?.height ?? 0];
  const tap = async () => {
    const pointerX = Math.round((like.x / like.width) * videoWidth);
    const pointerY = Math.round((like.y / like.height) * videoHeight);
    const at = { pointerId: ScrcpyPointerId.Finger, videoWidth, videoHeight, pointerX, pointerY, actionButton: 0, buttons: 0 };
    await client.controller?.injectTouch({ ...at, action: AndroidMotionEventAction.Down, pressure: 1 });
    await client.controller?.injectTouch({ ...at, action: AndroidMotionEventAction.Up, pressure: 0 });
  };
  await tap();
  await strangerComes(lab, device);
  // What stands still takes nothing more, and what was closed refuses.
  for (let n = 0; n < TOUCHES; n++) await Promise.race([tap().catch(() => undefined), wait(100)]).then(() => wait(50));
  await Promise.race([client.close().catch(() => undefined), wait(1_000)]);
  await Promise.race([phone.close().catch(() => undefined), wait(1_000)]);
}

/** The real Appium: its session begins on an app of one's own and works there, as any suite's. */
async function byAppium({ lab, phone, adb: desk, serial, like }: Desk): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "phonerack-red-appium-"));
  const appium = await startAppium(folder, desk.environment);
  try {
    const alwaysMatch = {
      platformName: "Android",
      "appium:automationName": "UiAutomator2",
      "appium:udid": serial,
      "appium:adbPort": desk.port,
      "appium:systemPort": await freePort(),
      // As docs/adb.md says: its Settings app would come in front, which is nobody's here, and end every shell.
      "appium:skipDeviceInitialization": true,
      "appium:ignoreHiddenApiPolicyError": true,
      "appium:appPackage": NOTES,
      "appium:appActivity": ".MainActivity",
    };
    const capabilities = { alwaysMatch, firstMatch: [{}] };
    const { sessionId } = (await appium.ask("POST", "/session", { capabilities })) as { sessionId: string };
    const session = `/session/${sessionId}`;
    expect(await appium.ask("GET", `${session}/source`)).toContain(`package="${NOTES}"`);
    await strangerComes(lab, phone);
    const finger = [
      { type: "pointerMove", duration: 0, x: like.x, y: like.y },
      { type: "pointerDown", button: 0 },
      { type: "pointerUp", button: 0 },
    ];
    const actions = [{ type: "pointer", id: "finger", parameters: { pointerType: "touch" }, actions: finger }];
    const tap = () => appium.ask("POST", `${session}/actions`, { actions }).catch(() => undefined);
    for (let n = 0; n < TAPS; n++) await Promise.race([tap(), wait(1_000)]);
    await Promise.race([appium.ask("DELETE", session).catch(() => undefined), wait(5_000)]);
  } finally {
    await appium.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
