/** One virtual phone without a port, for tests: its shell, files and faults, no adbd. */
import { tmpdir } from "node:os";
import { baseImage } from "../files/base-image.js";
import { modelById } from "../models/models.js";
import { systemApks } from "../models/system-packages.js";
import type { LatencyName } from "../phone/latency.js";
import { programNames } from "../shell/commands/programs.js";
import { VirtualPhone } from "./virtual-phone.js";

/** Not started: call `start()` for a port, `run()` for its shell. */
export function phoneFixture(options: { model?: string; latency?: LatencyName; capacity?: number } = {}): VirtualPhone {
  const model = modelById(options.model ?? "v3");
  if (!model) throw new Error(`no model ${options.model}`);
  return new VirtualPhone({
    slot: 1,
    serial: "TEST0001",
    firstSerial: "TEST0001",
    model,
    latency: options.latency ?? "none",
    host: "127.0.0.1",
    port: 0,
    auth: false,
    base: baseImage({
      builtAt: Math.floor(Date.UTC(2009, 0, 1) / 1000),
      buildProp: "",
      programs: programNames,
      apks: systemApks(model),
    }),
    capacity: options.capacity ?? 1024 ** 3,
    spillFolder: () => tmpdir(),
    keysPath: undefined,
  });
}
