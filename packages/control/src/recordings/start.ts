/** Puts the parts of recordings together. */
import { join } from "node:path";
import type { Bus } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { ArtifactDesk } from "../artifacts/start.js";
import type { Devices } from "../devices/devices.js";
import type { RecordEvent } from "../events/events.js";
import type { Relay } from "../relay/relay.js";
import { Keeper } from "./keeper.js";
import { Peers } from "./peers.js";
import { Recordings } from "./recordings.js";
import { Studio } from "./studio.js";
import { Unstored } from "./unstored.js";

export interface RecordingDeskParts {
  readonly bus: Bus;
  readonly replica: string;
  readonly dataDir: string;
  readonly devices: Devices;
  readonly relay: Relay;
  readonly artifactDesk: ArtifactDesk;
  readonly record: RecordEvent;
  readonly log: Logger;
  readonly used: (leaseId: string, automated?: boolean) => void;
}

export interface RecordingDesk {
  readonly recordings: Recordings;
  /** Gives the artifacts that are finished yet, of before this control was killed. */
  start(): Promise<ReadonlySet<string>>;
  /** What runs is kept. */
  stop(): Promise<void>;
}

export function createRecordingDesk(parts: RecordingDeskParts): RecordingDesk {
  const { artifacts, retentions } = parts.artifactDesk;
  const folder = join(parts.dataDir, "recordings");
  const unstored = new Unstored({ artifacts, folder, log: parts.log });
  const onChange = () => peers.say();
  const keeper = new Keeper({ ...parts, onEnded: onChange });
  const studio = new Studio({ ...parts, artifacts, retentions, unstored, folder, keeper, onChange });
  const own = () => studio.busy.map((id) => studio.recording(id));
  const peers: Peers = new Peers({
    ...parts,
    own,
    obey: (order) => recordings.obey(order),
    giveWay: (own, to) => recordings.giveWay(own, to),
  });
  const recordings = new Recordings({ ...parts, studio, peers });
  return {
    recordings,
    start: async () => {
      const unfinished = await unstored.start();
      keeper.start();
      studio.start();
      peers.start();
      return unfinished;
    },
    stop: async () => {
      await studio.stop();
      peers.stop();
      keeper.stop();
      await unstored.stop();
    },
  };
}
