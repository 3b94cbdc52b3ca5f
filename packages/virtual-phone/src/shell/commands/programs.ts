/** All programs of a phone, from the files of this folder. */
import type { Command, CommandSet } from "../command.js";
import { activityCommands } from "./activities.js";
import { byteCommands } from "./bytes.js";
import { captureCommands } from "./capture.js";
import { dumpCommands } from "./dumpsys.js";
import { fileFactCommands } from "./file-facts.js";
import { fileCommands } from "./files.js";
import { identityCommands } from "./identity.js";
import { inputCommands } from "./input.js";
import { logCommands } from "./logcat.js";
import { listCommands } from "./ls.js";
import { networkCommands } from "./network.js";
import { packageCommands } from "./packages.js";
import { processCommands } from "./processes.js";
import { propertyCommands } from "./properties.js";
import { serviceCommands } from "./services.js";
import { textCommands } from "./text.js";
import { windowCommands } from "./windows.js";

const SETS: readonly CommandSet[] = [
  activityCommands,
  byteCommands,
  captureCommands,
  dumpCommands,
  fileCommands,
  fileFactCommands,
  identityCommands,
  inputCommands,
  listCommands,
  logCommands,
  networkCommands,
  packageCommands,
  processCommands,
  propertyCommands,
  serviceCommands,
  textCommands,
  windowCommands,
];

/** By name. */
export const programs: ReadonlyMap<string, Command> = new Map(
  SETS.flatMap(({ toybox, own }) => [...Object.entries(toybox), ...Object.entries(own)]),
);

/** For /system/bin: links to toybox, and files of their own. */
export const programNames = {
  toybox: SETS.flatMap(({ toybox }) => Object.keys(toybox)),
  own: SETS.flatMap(({ own }) => Object.keys(own)),
};
