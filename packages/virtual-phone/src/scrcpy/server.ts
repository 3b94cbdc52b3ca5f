/**
 * scrcpy's server as the phone's `app_process` runs it: reads its options, opens the sockets, and lives until one of them, or the shell's
 * stream, closes. scrcpy v3.3.1, server/src/main/java/com/genymobile/scrcpy/Server.java.
 */
import { parseServerOptions, type ScrcpyServerOptions, WireError } from "@phonerack/android-wire/scrcpy";
import type { LocalSocket } from "../adbd/local-sockets.js";
import type { ByteSink } from "../adbd/services.js";
import { AudioStream } from "./audio-stream.js";
import { Controller } from "./controller.js";
import { printLists } from "./lists.js";
import type { ScrcpyPhone } from "./scrcpy-phone.js";
import { ServerLog } from "./server-log.js";
import { openTunnel, type Tunnel } from "./tunnel.js";
import { VideoStream } from "./video-stream.js";

export interface ScrcpyIo {
  stdout: ByteSink;
  stderr: ByteSink;
  /** The shell's stream closed, or the process was killed. */
  signal: AbortSignal;
}

/**
 * Runs a server. `args` is what stands after the class name: the client's version, then options. Resolves with the process's exit code.
 */
export async function runScrcpyServer(args: readonly string[], phone: ScrcpyPhone, io: ScrcpyIo): Promise<number> {
  const log = new ServerLog(io.stdout, io.stderr);
  const options = readOptions(args, log);
  if (!options) return 1;
  const { properties } = phone.phone;
  const [maker, brand, model] = ["manufacturer", "brand", "model"].map((name) => properties.get(`ro.product.${name}`));
  log.info(`Device: [${maker}] ${brand} ${model} (Android ${properties.get("ro.build.version.release")})`);
  for (const key of options.unknown) log.warn(`Unknown server option: ${key}`);
  if (options.lists.length > 0) {
    printLists(phone.phone, options.lists, log);
    return 0;
  }
  const refusal = unsupported(options);
  if (refusal !== undefined) {
    log.error(refusal);
    return 1;
  }
  const tunnel = await openTunnel({ sockets: phone.sockets, options, deviceName: model ?? "", signal: io.signal });
  if (!tunnel) {
    if (!io.signal.aborted) log.error("Exception on thread Thread[main,5,main]", "java.io.IOException: Connection refused");
    return 1;
  }
  await runSession({ options, phone, log, tunnel, signal: io.signal });
  return 0;
}

function readOptions(args: readonly string[], log: ServerLog): ScrcpyServerOptions | undefined {
  try {
    const options = parseServerOptions(args);
    log.threshold = options.logLevel;
    return options;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    log.error("Exception on thread Thread[main,5,main]", `java.lang.IllegalArgumentException: ${error.message}`);
    return undefined;
  }
}

/** What a real server of a real phone might do and this phone cannot. */
function unsupported(options: ScrcpyServerOptions): string | undefined {
  if (!options.video && !options.audio && !options.control) return "Nothing to do: video, audio and control are all disabled";
  if (options.video && options.videoSource !== "display") return "No camera found on this device";
  if (options.video && options.videoCodec !== "h264") return `Could not create default video encoder for ${options.videoCodec}`;
  if (options.displayId !== 0) return `Display ${options.displayId} not found\nList of displays:\n    --display-id=0`;
  return undefined;
}

interface Session {
  options: ScrcpyServerOptions;
  phone: ScrcpyPhone;
  log: ServerLog;
  tunnel: Tunnel;
  signal: AbortSignal;
}

/** Runs the streams until any of them ends: each is fatal to all, as in scrcpy. */
async function runSession({ options, phone, log, tunnel, signal }: Session): Promise<void> {
  const undo: (() => void)[] = [tunnel.close, changeSettings(phone, options)];
  await new Promise<void>((end) => {
    if (signal.aborted) return end();
    signal.addEventListener("abort", () => end(), { once: true });
    let video: VideoStream | undefined;
    if (tunnel.video) {
      const stream = new VideoStream({ socket: tunnel.video, phone, options, log, onFailure: end });
      video = stream;
      undo.push(() => stream.stop());
      void drain(tunnel.video).then(end);
    }
    if (tunnel.audio) {
      const audio = new AudioStream({ socket: tunnel.audio, phone, options, log });
      undo.push(() => audio.stop());
      void drain(tunnel.audio).then(end);
    }
    if (tunnel.control) {
      const controller = new Controller({ socket: tunnel.control, phone, options, log, video });
      undo.push(() => controller.stop());
      controller
        .run()
        .catch((error: unknown) =>
          log.error("Control protocol error", `com.genymobile.scrcpy.control.ControlProtocolException: ${messageOf(error)}`),
        )
        .finally(end);
    }
  });
  for (const step of undo.reverse()) step();
}

/** Nobody writes to a media socket; reading it tells when it is closed. */
async function drain(socket: LocalSocket): Promise<void> {
  for await (const _ of socket.input);
}

/** Settings for the time of the session, as scrcpy's CleanUp keeps them; returns what takes them back. */
function changeSettings({ phone }: ScrcpyPhone, options: ScrcpyServerOptions): () => void {
  const changes: [table: "global" | "system", key: string, value: string][] = [];
  if (options.stayAwake) changes.push(["global", "stay_on_while_plugged_in", "7"]);
  if (options.showTouches) changes.push(["system", "show_touches", "1"]);
  const before = changes.map(([table, key]) => phone.settings.get(table, key));
  for (const [table, key, value] of changes) phone.settings.put(table, key, value);
  return () => {
    if (options.powerOffOnClose) phone.power.sleep();
    if (!options.cleanup) return;
    changes.forEach(([table, key], i) => {
      const old = before[i];
      if (old === undefined || old === null) phone.settings.delete(table, key);
      else phone.settings.put(table, key, old);
    });
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
