/** A thousand phones on one agent: all ready, listed page by page and live, and any of them can be touched and seen. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { LiveViewer } from "./live-viewer.js";
import { childrenOf, type DeviceView, devicesOf, isAlive, takeDevices, type Up, untilDevices } from "./phonerack.js";
import { startLab } from "./virtual-chassis.js";

const COUNT = 1_000;

let up: Up;
let devices: DeviceView[];

beforeAll(async () => {
  up = await startLab({ virtual: COUNT });
  devices = await untilDevices(up, (all) => all.filter(({ state }) => state === "ready").length === COUNT, 150_000);
}, 240_000);
afterAll(async () => {
  const children = await childrenOf(up.pid);
  await up.stop();
  expect(children.filter(isAlive)).toEqual([]);
});

test("all of them are ready, each in a slot of its own", () => {
  expect(new Set(devices.map(({ chassis, slot }) => `${chassis}/${slot}`)).size).toBe(COUNT);
  expect(new Set(devices.map(({ id }) => id)).size).toBe(COUNT);
});

test("the API lists them a page at a time, without gap or repetition", async () => {
  const ids: string[] = [];
  const sizes: number[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const query: string = `limit=300${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
    const response = await fetch(`${up.url}/api/v1/devices?${query}`, { headers: { authorization: `Bearer ${up.token}` } });
    const page = (await response.json()) as { items: DeviceView[]; next: string | null };
    ids.push(...page.items.map(({ id }) => id));
    sizes.push(page.items.length);
    cursor = page.next;
  }
  expect(sizes).toEqual([300, 300, 300, 100]);
  expect(new Set(ids)).toEqual(new Set(devices.map(({ id }) => id)));
});

test("the live socket tells of all of them, shows a wall of 120 and touches one", async () => {
  const viewer = await LiveViewer.open(up);
  try {
    viewer.say({ type: "devices" });
    await expect.poll(() => viewer.messages.find(({ type }) => type === "devices")?.devices?.length).toBe(COUNT);
    const wall = devices.slice(0, 120);
    for (const [at, { id }] of wall.entries()) viewer.watch(1 + at, id, "tile");
    await expect.poll(() => viewer.frames.size, { timeout: 90_000 }).toBe(wall.length);
    const last = devices.at(-1)?.id ?? "";
    await takeDevices(up, [last]);
    viewer.watch(COUNT, last, "full");
    await viewer.moreFrames(COUNT, 2, 30_000);
    expect(await viewer.input(last, { type: "key", key: "APP_SWITCH" })).toBe("delivered");
    await viewer.moreFrames(COUNT, 1, 30_000);
    expect((await devicesOf(up)).filter(({ state }) => state !== "ready")).toEqual([]);
  } finally {
    viewer.close();
  }
}, 150_000);
