/**
 * What a phone says of itself to whoever looks at it, on its lock screen or among other devices: that it is a lab's. Which settings those are, and how one sees that
 * somebody changed them. Wallpaper and the device owner's message cannot be set by the shell user.
 */
export const LAB_LABEL = "phonerack test lab device";

export interface Label {
  readonly table: "global" | "secure";
  readonly key: string;
  readonly value: string;
}

/** Settings.Global.DEVICE_NAME (Wi-Fi Direct, Bluetooth and cast show it), and the lock screen's owner text. */
export const LABELS: readonly Label[] = [
  { table: "global", key: "device_name", value: LAB_LABEL },
  { table: "secure", key: "lock_screen_owner_info", value: LAB_LABEL },
  { table: "secure", key: "lock_screen_owner_info_enabled", value: "1" },
];

/** A line for each, in order. */
export const LABELS_COMMAND = LABELS.map(({ table, key }) => `settings get ${table} ${key}`).join("; ");

/** Which are not as they should be, by what the command printed; undefined: the phone did not answer all. */
export function wrongLabels(printed: readonly string[]): readonly Label[] | undefined {
  if (printed.length < LABELS.length) return undefined;
  return LABELS.filter(({ value }, at) => printed[at]?.trim() !== value);
}

export function setLabels(labels: readonly Label[]): string {
  return labels.map(({ table, key, value }) => `settings put ${table} ${key} '${value}'`).join("; ");
}
