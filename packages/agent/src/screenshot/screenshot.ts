/** A whole screenshot as the phone itself makes it (`screencap -p`), handed out in parts that fit the bus. */
import { FRAME_HEADER_BYTES, FrameKind, MAX_PAYLOAD, PhonerackError, writeFrame } from "@phonerack/contract/bus";
import type { PhoneLink } from "../transports/link.js";
import { readToEnd } from "../transports/shell.js";

const MOST_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 15_000;
const PART_BYTES = MAX_PAYLOAD - FRAME_HEADER_BYTES;
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const LAST_CHUNK = Buffer.from([0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]);

/** The PNG. Fails with `phone_failed` when the phone gives none, `device_timeout` after 15 s. */
export async function takeScreenshot(link: PhoneLink): Promise<Uint8Array> {
  const socket = await link.open("exec:screencap -p");
  const chunks: Uint8Array[] = [];
  try {
    await link.life.guard(
      readToEnd(socket, MOST_BYTES, (chunk) => chunks.push(chunk)),
      TIMEOUT_MS,
      "a screenshot",
    );
  } finally {
    socket.close();
  }
  const png = Buffer.concat(chunks);
  // "exec:" tells no exit code, and a stream cut short looks like one that ended.
  if (!png.subarray(0, 8).equals(SIGNATURE) || !png.subarray(-8).equals(LAST_CHUNK)) {
    const words =
      png.length < 300
        ? png
            .toString("latin1")
            .replaceAll(/[^ -~]+/g, " ")
            .trim()
        : "";
    throw new PhonerackError("phone_failed", `it gave no whole picture${words ? `: ${words}` : ""}`);
  }
  return png;
}

/** The PNG as `image` frames of at most MAX_PAYLOAD bytes; `stream` is the part's number from 0. */
export function screenshotParts(png: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < png.length; at += PART_BYTES) {
    parts.push(writeFrame({ kind: FrameKind.image, stream: parts.length, pts: 0n, payload: png.subarray(at, at + PART_BYTES) }));
  }
  return parts;
}
