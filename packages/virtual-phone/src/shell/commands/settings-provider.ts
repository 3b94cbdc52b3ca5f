/** content: the one provider that the shell may ask here, content://settings. */
import { SETTINGS_TABLES, type SettingsTable } from "../../phone/settings.js";
import type { Call } from "../command.js";
import { readOptions } from "../options.js";

/** content query|insert|delete on content://settings/TABLE. */
export async function content(call: Call): Promise<number> {
  const [verb, ...args] = call.args;
  const { values } = readOptions(args, {
    long: ["uri=", "user=", "projection=", "where=", "sort=", "bind=", "name=", "method=", "arg=", "extra="],
  });
  const uri = values.get("uri") ?? "";
  const table = /^content:\/\/settings\/(\w+)(?:\/(.+))?$/.exec(uri);
  if (verb === undefined || !table || !SETTINGS_TABLES.includes(table[1] as SettingsTable)) {
    return call.complain(
      verb === undefined
        ? "usage: adb shell content [subcommand] [options]"
        : `Error while accessing provider:${uri.replace(/^content:\/\//, "").split("/")[0] ?? ""}\njava.lang.IllegalStateException: Could not find provider: ${uri.replace(/^content:\/\//, "").split("/")[0] ?? ""}`,
      1,
    );
  }
  const name = table[1] as SettingsTable;
  const where = /name\s*=\s*'([^']*)'/.exec(values.get("where") ?? "")?.[1] ?? table[2];
  const store = call.phone.settings;
  if (verb === "query") {
    const rows = store.list(name).filter(([key]) => where === undefined || key === where);
    return rows.length === 0
      ? call.say("No result found.")
      : call.sayAll(rows.map(([key, value], index) => `Row: ${index} _id=${index + 1}, name=${key}, value=${value}`));
  }
  if (verb === "delete" && where !== undefined) store.delete(name, where);
  if (verb === "insert") {
    const binds = new Map(
      args.flatMap((arg, index) => (args[index - 1] === "--bind" ? [arg.split(/:[sibfdln]:/) as [string, string]] : [])),
    );
    store.put(name, binds.get("name") ?? "", binds.get("value") ?? "");
  }
  return 0;
}
