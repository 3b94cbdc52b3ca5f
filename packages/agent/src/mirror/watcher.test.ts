import { FrameKind } from "@phonerack/contract/bus";
import { expect, test } from "vitest";
import { GroupOfPictures } from "./group-of-pictures.js";
import { Watcher } from "./watcher.js";

/** A frame of `bytes` bytes that can be told from others by its first byte. */
const frame = (mark: number, bytes = 100) => new Uint8Array(bytes).fill(mark, 0, 1);
const CONFIG = frame(1, 10);

function viewer(credit: number) {
  const seen: number[] = [];
  const watcher = new Watcher({ credit, send: (bytes) => seen.push(bytes[0] ?? -1) });
  return { watcher, seen };
}

function group(...deltas: number[]): GroupOfPictures {
  const pictures = new GroupOfPictures();
  pictures.add(FrameKind.config, CONFIG);
  pictures.add(FrameKind.key, frame(2));
  for (const mark of deltas) pictures.add(FrameKind.delta, frame(mark));
  return pictures;
}

test("starts a new viewer on a whole picture at once", () => {
  const { watcher, seen } = viewer(10_000);
  watcher.pump(group(3, 4));
  expect(seen).toEqual([1, 2, 3, 4]);
});

test("sends nothing that cannot be decoded", () => {
  const pictures = new GroupOfPictures();
  pictures.add(FrameKind.config, CONFIG);
  pictures.add(FrameKind.delta, frame(9));
  const { watcher, seen } = viewer(10_000);
  watcher.pump(pictures);
  expect(seen).toEqual([]);
});

test("sends no more than the credit and goes on where it stopped", () => {
  const { watcher, seen } = viewer(210);
  const pictures = group(3, 4);
  watcher.pump(pictures);
  expect(seen).toEqual([1, 2, 3]);
  watcher.addCredit(100);
  watcher.pump(pictures);
  expect(seen).toEqual([1, 2, 3, 4]);
});

test("jumps to the next key frame when it fell behind", () => {
  const { watcher, seen } = viewer(210);
  const pictures = group(3, 4, 5);
  watcher.pump(pictures);
  pictures.add(FrameKind.key, frame(6));
  pictures.add(FrameKind.delta, frame(7));
  watcher.addCredit(210);
  watcher.pump(pictures);
  expect(seen).toEqual([1, 2, 3, 6, 7]);
});

test("lets a frame larger than all credit pass when nothing is under way, and then waits", () => {
  const pictures = new GroupOfPictures();
  pictures.add(FrameKind.key, frame(2, 5_000));
  const { watcher, seen } = viewer(1_000);
  watcher.pump(pictures);
  pictures.add(FrameKind.delta, frame(3));
  watcher.addCredit(1_000);
  watcher.pump(pictures);
  expect(seen).toEqual([2]);
  watcher.addCredit(4_000);
  watcher.pump(pictures);
  expect(seen).toEqual([2, 3]);
});

test("never holds more credit than was granted", () => {
  const { watcher, seen } = viewer(210);
  watcher.addCredit(1_000_000);
  watcher.pump(group(3, 4, 5));
  expect(seen).toEqual([1, 2, 3]);
});

test("sends the configuration again only when it is new or asked for", () => {
  const { watcher, seen } = viewer(10_000);
  const pictures = group();
  watcher.pump(pictures);
  pictures.add(FrameKind.key, frame(5));
  watcher.pump(pictures);
  expect(seen).toEqual([1, 2, 5]);
  watcher.restart();
  watcher.pump(pictures);
  expect(seen).toEqual([1, 2, 5, 1, 5]);
});

test("drops sound for which there is no credit", () => {
  const { watcher, seen } = viewer(120);
  for (const mark of [3, 4, 5]) watcher.offer(frame(mark), CONFIG);
  watcher.addCredit(100);
  watcher.offer(frame(6), CONFIG);
  expect(seen).toEqual([1, 3, 6]);
});

test("gives up a group that has outgrown its bounds", () => {
  const pictures = group();
  const added = Array.from({ length: 10 }, () => pictures.add(FrameKind.delta, frame(3, 500_000)));
  expect(added.slice(0, 8)).not.toContain(false);
  expect(added).toContain(false);
  expect(pictures.frames).toHaveLength(0);
});
