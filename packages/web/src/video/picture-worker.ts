/** The picture worker's door: orders in, reports out. */
import type { PictureOrder } from "./orders.js";
import { PictureBoard } from "./picture-board.js";

const board = new PictureBoard((report) => postMessage(report));
addEventListener("message", ({ data }: MessageEvent<PictureOrder>) => board.obey(data));
setInterval(() => board.takeStats(), 1_000);
