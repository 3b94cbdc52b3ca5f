/** Groups that aim by point, on real virtual phones behind gate and fence. */
import type { GroupStep } from "@phonerack/contract/bus";
import { BLOCKS } from "@phonerack/virtual-phone";
import { afterEach, expect, test } from "vitest";
import { closeLabs, type LabOptions, openLab } from "../../test/agent-lab.js";
import { GROUP, GroupLab } from "../../test/group-lab.js";

afterEach(closeLabs);

const BAZAAR = "com.example.bazaar";

async function open(options: LabOptions = {}): Promise<GroupLab> {
  const group = new GroupLab(await openLab({ count: 3, models: ["v1", "v3", "v2"], ...options }));
  await group.lend();
  return group;
}

/** The touches in the phone's own record, as parts of its screen. */
async function touched(group: GroupLab, slot: number): Promise<{ package: string; x: number; y: number }[]> {
  const { stdout } = await group.lab.phone(slot).run("dumpsys phonerack_input");
  const events = stdout.split("\n").filter((line) => line.startsWith("event "));
  return events
    .map((line) => JSON.parse(line.slice("event ".length)))
    .filter(({ kind }) => kind === "touch")
    .map((event) => ({ package: event.package, x: event.x / event.width, y: event.y / event.height }));
}

const SETTINGS = "com.android.settings";
const launch: GroupStep = { type: "launch", package: SETTINGS };

test("does on all what is done on one, at the same part of each screen", async () => {
  const group = await open();
  await group.start();
  expect(GroupLab.outcomes(await group.step(launch))).toEqual(["applied"]);
  const tap: GroupStep = { type: "tap", at: { x: 360, y: 320, width: 720, height: 1280 } };
  const answers = await group.step(tap);
  expect(GroupLab.outcomes(answers)).toEqual(["delivered"]);
  expect([...answers.keys()].sort()).toEqual([...group.ids].sort());
  for (const slot of [1, 2, 3]) {
    const [touch] = await touched(group, slot);
    expect(touch?.package).toBe(SETTINGS);
    expect(touch?.x).toBeCloseTo(0.5, 2);
    expect(touch?.y).toBeCloseTo(0.25, 2);
  }
});

test("follows into the other rotation", async () => {
  const group = await open();
  await group.lab.phone(2).run("settings put system accelerometer_rotation 0; settings put system user_rotation 1");
  await group.lab.until(() => group.lab.report(2)?.screen?.rotation === 1);
  await group.start();
  await group.step(launch);
  await group.step({ type: "swipe", from: at(0.5, 0.8), to: at(0.5, 0.3), ms: 50 });
  const [touch] = await touched(group, 2);
  expect(touch?.x).toBeCloseTo(0.5, 2);
  expect(touch?.y).toBeCloseTo(0.8, 2);
});

test("denies on each phone what is not the tenant's, and names it", async () => {
  const group = await open();
  await group.start();
  const answers = await group.step({ type: "launch", package: BAZAAR });
  expect(GroupLab.outcomes(answers)).toEqual(["denied"]);
  for (const { error } of answers.values()) expect(error?.detail).toContain(`${BAZAAR} is not yours`);
});

test("lets no slow or dead phone delay the others", async () => {
  const group = await open();
  await group.start();
  await group.step(launch);
  group.lab.phone(3).setFault("hang", true);
  const others = group.ids.slice(0, 2);
  for (let count = 0; count < 5; count++) {
    const seq = group.begin({ type: "tap", at: at(0.5, 0.2) });
    const answers = await group.answers(seq, others);
    expect(GroupLab.outcomes(answers)).toEqual(["delivered"]);
    expect(answers.size).toBe(2);
  }
});

test("leaves one that somebody takes over alone until it is back", async () => {
  const group = await open();
  await group.start();
  const [, second = ""] = group.ids;
  const act = (action: "take-over" | "rejoin") =>
    group.order({ order: "member", group: GROUP, deviceId: second, action, screen: null });
  await act("take-over");
  await group.member(second, "taken-over");
  const rest = group.ids.filter((id) => id !== second);
  const answers = await group.step(launch, { except: [second] });
  expect([...answers.keys()].sort()).toEqual([...rest].sort());
  await act("rejoin");
  await group.member(second, "followed");
  expect(GroupLab.outcomes(await group.step(launch, { only: [second] }))).toEqual(["applied"]);
});

test("ends a member with its lease, and opens its fence", async () => {
  const group = await open();
  await group.start();
  await group.lab.term(group.leader, { phase: "clean" });
  const member = await group.member(group.leader, "dropped");
  expect(member.reason).toBe("Its lease is over.");
});

test("tells what each shows once it has settled", async () => {
  const group = await open();
  await group.start();
  await group.step(launch, { settle: true });
  const screens = await group.lab.until(() => {
    const all = group.ids.map((id) => group.members.get(id)).filter((member) => member?.seq === 1 && member.screen);
    return all.length === 3 && all.map((member) => member?.screen);
  });
  for (const screen of screens) expect(screen).toEqual({ package: SETTINGS, activity: `${SETTINGS}.Settings`, signature: null });
});

test("stops a phone's part at once when an app that is not the tenant's comes in front", async () => {
  const group = await open();
  await group.start();
  await group.step(launch);
  // As if it slipped past the fence.
  await group.lab.phone(2).run(`pm enable ${BLOCKS}; am start -n ${BLOCKS}/.GameActivity`);
  const [, second = ""] = group.ids;
  const stopped = await group.member(second, "denied");
  expect(stopped.reason).toContain(BLOCKS);
  const answers = await group.step({ type: "tap", at: at(0.5, 0.5) });
  expect(answers.get(second)?.outcome).toBe("denied");
  expect((await touched(group, 2)).filter((touch) => touch.package === BLOCKS)).toEqual([]);
});

function at(x: number, y: number) {
  return { x: x * 720, y: y * 1280, width: 720, height: 1280 };
}
