/** getprop, setprop, settings. */
import { SETTINGS_TABLES, type SettingsTable } from "../../phone/settings.js";
import type { Call, CommandSet } from "../command.js";

function getprop(call: Call): Promise<number> {
  const [name, otherwise = ""] = call.args.filter((arg) => !arg.startsWith("-"));
  if (name !== undefined) return call.say(call.phone.properties.get(name) || otherwise);
  return call.sayAll(call.phone.properties.list().map(([key, value]) => `[${key}]: [${value}]`));
}

function setprop(call: Call): Promise<number> {
  const [name, value] = call.args;
  if (name === undefined || value === undefined || call.args.length > 2)
    return call.complain("usage: setprop NAME VALUE\n\nSets an Android system property.");
  if (call.phone.properties.set(name, value)) return Promise.resolve(0);
  return call.fail(`failed to set property '${name}' to '${value}'`);
}

const USAGE = `Settings provider (settings) commands:
  help
      Print this help text.
  get [--user <USER_ID> | current] NAMESPACE KEY
      Retrieve the current value of KEY.
  put [--user <USER_ID> | current] NAMESPACE KEY VALUE [TAG] [default]
      Change the contents of KEY to VALUE.
  delete [--user <USER_ID> | current] NAMESPACE KEY
      Delete the entry for KEY.
  reset [--user <USER_ID> | current] NAMESPACE {PACKAGE_NAME | RESET_MODE}
      Reset the global/secure table for a package with mode.
  list [--user <USER_ID> | current] NAMESPACE
      Print all defined keys.
      NAMESPACE is one of {system, secure, global}, case-insensitive`;

/** `settings …`, also `cmd settings …`. */
export function settings(call: Call): Promise<number> {
  const args = [...call.args];
  const user = args.indexOf("--user");
  if (user >= 0) args.splice(user, 2);
  const [verb, namespace = "", key, value] = args;
  if (verb === undefined || verb === "help") return verb ? call.say(USAGE) : call.complain(USAGE, 255);
  if (!["get", "put", "delete", "reset", "list"].includes(verb)) return call.complain(`Unknown command: ${verb}`, 255);
  const table = namespace.toLowerCase() as SettingsTable;
  if (!SETTINGS_TABLES.includes(table))
    return call.complain(namespace === "" ? "Error: Bad arguments" : `Error: Invalid namespace '${namespace}'`, 255);
  const store = call.phone.settings;
  if (verb === "list") return call.sayAll(store.list(table).map((entry) => entry.join("=")));
  if (key === undefined) return call.complain("Error: Bad arguments", 255);
  if (verb === "get") return call.say(store.get(table, key) ?? "null");
  if (verb === "delete") return call.say(`Deleted ${Number(store.delete(table, key))} rows`);
  if (verb === "reset") return Promise.resolve(0);
  if (value === undefined) return call.complain("Error: Bad arguments", 255);
  return store.put(table, key, value) ? Promise.resolve(0) : call.complain("Error: the settings table is full", 255);
}

export const propertyCommands: CommandSet = { toybox: { getprop, setprop }, own: { settings } };
