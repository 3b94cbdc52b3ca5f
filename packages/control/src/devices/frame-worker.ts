/** Decoding, framing and encoding a large picture takes up to a second of a core: done here, beside the thread that relays pictures. One picture, then it ends. */
import { parentPort, workerData } from "node:worker_threads";
import { decodePng, encodePng } from "@phonerack/apk";
import { framed } from "./device-frame.js";

/** More than any phone's or tablet's screen; what is larger is not taken apart. */
const MAX_SIDE = 8_192;

const picture = decodePng(Buffer.from(workerData as Uint8Array), MAX_SIDE);
// Undefined: it is no PNG that we read.
parentPort?.postMessage(picture && encodePng(framed(picture)));
