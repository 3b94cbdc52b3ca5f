/**
 * The process that holds `up`'s virtual phones. It has no life of its own: when the channel to its parent closes, even by `kill -9`, it
 * ends, so no phone outlives its rack.
 */
import { startVirtualPhones, type VirtualPhones, warmUpEncoder } from "@phonerack/virtual-phone";
import type { ChassisOrder, FromChassis, ToChassis } from "./messages.js";

let phones: VirtualPhones | undefined;

function tell(message: FromChassis): void {
  process.send?.(message);
}

async function start(order: ChassisOrder): Promise<void> {
  const { dataDir, controlPort, ...rest } = order;
  phones = await startVirtualPhones({
    ...rest,
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(controlPort === undefined ? {} : { controlPort }),
  });
  // Before anybody looks, so that the first viewer's first picture does not wait for cold code.
  warmUpEncoder();
  tell({
    type: "ready",
    phones: phones.phones.map(({ slot, port, serial, model }) => ({ slot, port, serial, model: model.id })),
    controlUrl: phones.controlUrl,
  });
}

async function stop(): Promise<void> {
  await phones?.stop();
  process.exit(0);
}

process.on("message", (message: ToChassis) => {
  if (message.type === "stop") {
    void stop();
    return;
  }
  start(message.order).catch((error: unknown) => {
    const code = error instanceof Error && "code" in error ? String(error.code) : "internal";
    tell({ type: "failed", code, message: error instanceof Error ? error.message : String(error) });
  });
});
process.on("disconnect", () => process.exit(0));
// Ctrl-C reaches the whole process group; the parent decides when its phones stop.
process.on("SIGINT", () => {});
