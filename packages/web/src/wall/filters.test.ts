import { describe, expect, test } from "vitest";
import { sampleDevice, sampleHolder } from "../live/sample-device.js";
import { membersOf, sumUp } from "./facts.js";
import { countChoices, filterDevices, findByName, type WallFilter } from "./filters.js";
import { groupDevices } from "./groups.js";
import { filterOf, readWallSearch } from "./wall-search.js";

const devices = [
  sampleDevice({ id: "d-0001", slot: 1 }),
  sampleDevice({ id: "d-0002", slot: 2, state: "lost", reason: "Its cable is out." }),
  sampleDevice({ id: "d-0003", slot: 3, model: "V5 Tab", sdk: 34, release: "14", serial: "XK9" }),
  sampleDevice({ id: "d-0004", slot: 4, lease: "leased" }),
];
const none: WallFilter = { text: "", statuses: [], models: [], sdks: [], labels: [] };
const found = (filter: Partial<WallFilter>) => filterDevices(devices, { ...none, ...filter }).map(({ id }) => id);

describe("the wall's filters", () => {
  test("give the very same list when none is set", () => {
    expect(filterDevices(devices, none)).toBe(devices);
  });

  test("find by any part of what a phone is called, all words at once", () => {
    expect(found({ text: "xk9" })).toEqual(["d-0003"]);
    expect(found({ text: " tab  ANDROID 14 " })).toEqual(["d-0003"]);
    expect(found({ text: "tab lost" })).toEqual([]);
    expect(found({ text: "lost" })).toEqual(["d-0002"]);
  });

  test("find by label, and by the rack that a phone stands in", () => {
    const placed = [sampleDevice({ id: "d-0006", labels: ["soak"], rack: "R7" }), ...devices];
    expect(filterDevices(placed, { ...none, labels: ["soak"] }).map(({ id }) => id)).toEqual(["d-0006"]);
    expect(filterDevices(placed, { ...none, text: "r7" }).map(({ id }) => id)).toEqual(["d-0006"]);
  });

  test("go to the phone whose name is typed before one whose address has the same figures in it", () => {
    const named = sampleDevice({ id: "d-0008", name: "V01-04", slot: 4 });
    const other = sampleDevice({ id: "d-0007", name: "V01-03", slot: 3, address: "tcp:127.0.0.1:30451" });
    const ids = (most: number) => findByName([other, named], { words: ["v01", "04"], most }).map(({ id }) => id);
    expect(ids(8)).toEqual(["d-0008", "d-0007"]);
    expect(ids(1)).toEqual(["d-0008"]);
  });

  test("narrow across kinds, widen within one", () => {
    expect(found({ statuses: ["free", "lost"] })).toEqual(["d-0001", "d-0002", "d-0003"]);
    expect(found({ statuses: ["free"], sdks: [34] })).toEqual(["d-0003"]);
  });

  test("count what there is, in a fixed order, and offer nothing that is not", () => {
    const { statuses, models, sdks } = countChoices(devices);
    expect(statuses).toEqual([
      { value: "free", count: 2 },
      { value: "taken", count: 1 },
      { value: "lost", count: 1 },
    ]);
    expect(models.map(({ value }) => value)).toEqual(["V3", "V5 Tab"]);
    expect(sdks).toEqual([
      { value: 31, count: 3 },
      { value: 34, count: 1 },
    ]);
  });

  test("read an address of the wall, and drop what makes no sense in it", () => {
    expect(filterOf(readWallSearch({ status: ["lost", "happy"], sdk: 31, model: "V3", q: "a" }))).toEqual({
      text: "a",
      statuses: ["lost"],
      models: ["V3"],
      sdks: [31],
      labels: [],
    });
    expect(readWallSearch({ status: 7, q: {}, focus: "../x", group: "shape", sdk: ["a"] })).toEqual({});
  });
});

test("a phone that is lost in one's hands is found both as lost and as one's own", () => {
  const held = { ...sampleDevice({ id: "d-0005", state: "lost", lease: "leased", holder: sampleHolder() }) };
  const among = (status: "lost" | "yours" | "taken") => filterDevices([held], { ...none, statuses: [status] }, "u-ann").length;
  expect([among("lost"), among("yours"), among("taken")]).toEqual([1, 1, 0]);
  expect(countChoices([held], "u-ann").statuses.map(({ value }) => value)).toEqual(["yours", "lost"]);
});

test("a fault of many is named once for the chassis, a single one is not", () => {
  const lost = (count: number) =>
    devices.map((device, at) => (at < count ? { ...device, state: "lost" as const, reason: "No power." } : device));
  const summed = (count: number) => {
    const [group] = groupDevices(lost(count), "chassis", { gaps: false });
    const find = (id: string) => lost(count).find((device) => device.id === id);
    return group && sumUp(membersOf(group, { get: find }));
  };
  expect(summed(3)).toMatchObject({ ready: 1, total: 4, commonReason: "No power.", hottest: 30 });
  expect(summed(1)?.commonReason).toBeUndefined();
});
