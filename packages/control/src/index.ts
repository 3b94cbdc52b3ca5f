export { type Control, type ControlOptions, startControl } from "./control.js";
export type { DatabaseChoice } from "./database/database.js";
