/**
 * What `host:track-devices-l` says: one device a line, "serial state usb:1-4.2 product:p model:m device:d transport_id:7". Tango's own reading
 * leaves out the USB path, which alone tells apart two boards with one serial.
 */
export interface ServerDevice {
  readonly serial: string;
  /** `device`, `unauthorized`, `offline`, `authorizing`, `no permissions`, `recovery`, … */
  readonly state: string;
  /** "1-4.2", or null for a device that the server reaches over the network. */
  readonly usb: string | null;
  readonly transportId: bigint;
}

/** Lines that are none are passed over. */
export function readDeviceList(text: string): ServerDevice[] {
  return text.split("\n").flatMap((line) => {
    const match = /^(\S+)\s+(no permissions\b.*?|\S+)(?:\s+(\S.*?))?\s*$/.exec(line);
    if (!match) return [];
    const [, serial = "", state = "", rest = ""] = match;
    const transportId = /(?:^|\s)transport_id:(\d+)/.exec(line)?.[1];
    if (transportId === undefined) return [];
    const usb = /(?:^|\s)(?:usb|devpath):(\S+)/.exec(rest)?.[1] ?? usbOf(line);
    return [
      { serial, state: state.startsWith("no permissions") ? "no permissions" : state, usb, transportId: BigInt(transportId) },
    ];
  });
}

function usbOf(line: string): string | null {
  return /\susb:(\S+)/.exec(line)?.[1] ?? null;
}
