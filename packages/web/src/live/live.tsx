/** The tab's live parts, made once and given to React; components subscribe to exactly what they show. */
import type { Device, DeviceId } from "@phonerack/contract/api";
import { createContext, type ReactNode, useCallback, useContext, useSyncExternalStore } from "react";
import { UploadsOfPhones } from "../files/uploads.js";
import { GroupStore } from "../groups/group-store.js";
import { StepSender } from "../groups/step-sender.js";
import { PictureShapes } from "../video/picture-shapes.js";
import { Pictures } from "../video/pictures.js";
import { readWallMbit } from "../wall/bandwidth.js";
import { Selection } from "../wall/selection.js";
import { TileMarks } from "../wall/tile-marks.js";
import { TilePacer } from "../wall/tile-pacer.js";
import { TileWatcher } from "../wall/tile-watcher.js";
import { createDock } from "../workbench/create-dock.js";
import type { Dock } from "../workbench/dock.js";
import { Orders } from "../workbench/orders.js";
import { LiveConnection, type LiveStatus, type Socket } from "./connection.js";
import { DeviceStore } from "./device-store.js";
import { Hands } from "./hands.js";
import { Streams } from "./streams.js";

export interface Live {
  readonly connection: LiveConnection;
  readonly devices: DeviceStore;
  readonly streams: Streams;
  readonly hands: Hands;
  readonly groups: GroupStore;
  readonly steps: StepSender;
  /** The wall's pictures: one worker for all tiles. */
  readonly tiles: Pictures;
  readonly tileShapes: PictureShapes;
  readonly tileWatcher: TileWatcher;
  /** Holds the wall to this browser's budget. */
  readonly tilePacer: TilePacer;
  /** What the tiles say of a group that is driven. */
  readonly tileMarks: TileMarks;
  /** Which phones are selected; it outlives the wall's page. */
  readonly selection: Selection;
  /** The phone in hand has a worker of its own: a busy wall must not delay it. */
  readonly large: Pictures;
  readonly largeShapes: PictureShapes;
  /** What was begun on phones here and has not ended, whatever page is open. */
  readonly dock: Dock;
  /** What is on its way into folders of phones, whatever page is open. */
  readonly fileUploads: UploadsOfPhones;
  /** Which of the workbench's dialogs is open, for which phones. */
  readonly orders: Orders;
}

/** `whyRefused` asks the API why the socket was refused; a code of the error table, undefined when the API is not there either. */
export function createLive(whyRefused: () => Promise<string | undefined>): Live {
  const address = new URL("/api/v1/live", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const connection = new LiveConnection({
    open: () => new WebSocket(address) as unknown as Socket,
    whyRefused,
    now: () => performance.timeOrigin + performance.now(),
    random: Math.random,
  });
  const devices = new DeviceStore();
  connection.listen({
    opened: () => connection.send({ type: "devices" }),
    message: (message) => devices.apply(message),
  });
  const streams = new Streams(connection);
  const tileShapes = new PictureShapes();
  const tiles = new Pictures({ name: "wall", shapes: tileShapes });
  const largeShapes = new PictureShapes();
  const large = new Pictures({ name: "phone", shapes: largeShapes });
  const tileWatcher = new TileWatcher({ streams, pictures: tiles });
  const tilePacer = new TilePacer({
    pictures: tiles,
    watcher: tileWatcher,
    budget: readWallMbit,
    agentOf: (id) => devices.get(id)?.agentId,
  });
  return {
    connection,
    devices,
    streams,
    hands: new Hands(connection),
    groups: new GroupStore(connection),
    steps: new StepSender(connection),
    tiles,
    tileShapes,
    tileWatcher,
    tilePacer,
    tileMarks: new TileMarks(),
    selection: new Selection(),
    large,
    largeShapes,
    dock: createDock(),
    fileUploads: new UploadsOfPhones(),
    orders: new Orders(),
  };
}

const LiveContext = createContext<Live | undefined>(undefined);

export function LiveProvider({ live, children }: { live: Live; children: ReactNode }) {
  return <LiveContext value={live}>{children}</LiveContext>;
}

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error("useLive outside of LiveProvider");
  return live;
}

export function useLiveStatus(): LiveStatus {
  const { connection } = useLive();
  return useSyncExternalStore(connection.subscribe, () => connection.status);
}

/** All devices, by name; undefined until the first answer. */
export function useDevices(): readonly Device[] | undefined {
  const { devices } = useLive();
  return useSyncExternalStore(devices.subscribe, () => devices.list);
}

export function useDevice(id: DeviceId): Device | undefined {
  const { devices } = useLive();
  const subscribe = useCallback((changed: () => void) => devices.subscribeTo(id, changed), [devices, id]);
  return useSyncExternalStore(subscribe, () => devices.get(id));
}
