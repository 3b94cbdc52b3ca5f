export { type BusCredentials, BusKeys, writeBusKeys } from "./agents/bus-keys.js";
export type { AgentBus } from "./agents/joined-agents.js";
export type { DemoApp } from "./apps/demo-apps.js";
export { type Control, type ControlOptions, startControl } from "./control.js";
export type { DatabaseChoice } from "./database/database.js";
export { type DatabaseLook, lookAtDatabase } from "./database/look.js";
export { objectTiles } from "./log/tile-store.js";
export { LogTree } from "./log/tree.js";
export { openStorage, readStorage, type StorageChoice } from "./storage/storage.js";
