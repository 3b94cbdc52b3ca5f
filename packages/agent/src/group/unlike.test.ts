/** Followers that are not as the leader is: each has one named outcome, nothing is touched on it by mistake, and the others go on. */
import { BLOCKS, NOTES, SAMPLES_SIGNER, sampleKey } from "@phonerack/virtual-phone";
import { afterEach, expect, test, vi } from "vitest";
import { closeLabs, openLab } from "../../test/agent-lab.js";
import { GroupLab } from "../../test/group-lab.js";
import { install } from "../../test/install.js";

vi.setConfig({ testTimeout: 90_000 });
afterEach(closeLabs);

/** By slot; the leader is in the first. */
const [FOLDED, LOCKED, OLDER, PLAYING] = [2, 3, 4, 5] as const;

test("has one outcome for each phone that is unlike its leader, and touches nothing on it", async () => {
  const group = new GroupLab(await openLab({ count: 5, models: ["v3", "v3", "v3", "v3", "v3"] }));
  const { lab } = group;
  await group.lend([NOTES, BLOCKS].map((name) => ({ package: name, signer: SAMPLES_SIGNER })));
  await group.start({ aim: "element" }, 60_000);
  await group.step({ type: "launch", package: NOTES }, { aim: "element" });
  await lab.phone(FOLDED).run("wm size 1600x1800");
  await lab.until(() => lab.report(FOLDED)?.screen?.width === 1600);
  await lab.phone(LOCKED).run("locksettings set-pin 4711; input keyevent SLEEP; input keyevent WAKEUP");
  const other = { package: NOTES, versionCode: 99, activities: [`${NOTES}.OtherActivity`], label: "Notes" };
  await install(lab.phone(OLDER), other, sampleKey("phonerack samples"));
  await lab.phone(OLDER).run(`am start -n ${NOTES}/.OtherActivity`);
  await lab.phone(PLAYING).run(`am start -n ${BLOCKS}/.GameActivity`);
  await lab.until(() => lab.report(PLAYING)?.foreground?.package === BLOCKS);
  await lab.until(() => lab.report(OLDER)?.foreground?.activity.endsWith("OtherActivity"));
  for (const phone of lab.virtual.phones) await phone.run("dumpsys phonerack_input reset");

  const answers = await group.step({ type: "tap", at: { id: `${NOTES}:id/add` } }, { aim: "element", element: null });
  const outcomes = group.ids.map((id) => answers.get(id));
  expect(outcomes.map((answer) => answer?.outcome)).toEqual(["applied", "applied", "not-found", "not-found", "not-found"]);
  for (const slot of [LOCKED, OLDER, PLAYING]) {
    expect(outcomes[slot - 1]?.error?.message).toMatch(/\w/);
    expect((await lab.phone(slot).run("dumpsys phonerack_input")).stdout).not.toMatch(/^event .*"kind":"touch"/m);
  }
  expect(group.members.get(group.leader)?.state).toBe("followed");
});
