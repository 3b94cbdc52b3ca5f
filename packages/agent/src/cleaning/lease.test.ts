/** The end of a lease in a whole agent: what was left is gone when the phone is free again, also when it had to restart for that. */
import { CleanRecord, decodeMessage, encodeMessage, RecordOrder, subjects } from "@phonerack/contract/bus";
import { afterEach, expect, test } from "vitest";
import { at, closeLabs, type Lab, openLab, SOON_MS } from "../../test/agent-lab.js";

afterEach(closeLabs);

const MESS =
  "nohup sleep 10000 >/dev/null 2>&1 & settings put global http_proxy 10.0.0.1:8080; setprop persist.sys.locale ar-EG; echo x > '/sdcard/ left'";

async function record(lab: Lab, id: string, epoch: number): Promise<CleanRecord> {
  const order = encodeMessage(RecordOrder, { epoch });
  return decodeMessage(CleanRecord, await lab.bus.request(subjects.record(at(id)), order, { timeoutMs: SOON_MS }));
}

test.each([false, true])(
  "frees a phone that is as it was (restart: %s)",
  async (reboot) => {
    const lab = await openLab({ models: ["v3"] });
    const { id } = await lab.leased();
    // The first finger waits for the baseline.
    expect(await lab.input(id, [{ type: "key", key: "HOME" }])).toEqual([{ outcome: "delivered" }]);
    const virtual = lab.phone();
    const boot = (await virtual.run("cat /proc/sys/kernel/random/boot_id")).stdout;
    await virtual.run(MESS);
    virtual.phone.clipboard.set("a secret");
    const { epoch } = await lab.term(id, { phase: "clean", reboot });
    // Of this lease's end: what was reported before it says free too.
    await lab.until(() => {
      const hold = lab.report()?.hold;
      return hold?.epoch === epoch && (hold.phase === "free" || hold.phase === "dirty");
    }, 60_000);
    const found = await record(lab, id, epoch);
    expect(found).toMatchObject({ clean: true, reason: null, epoch });
    expect(lab.report()?.hold).toMatchObject({ phase: "free", epoch });
    expect(found.items.filter(({ name }) => name === "reboot").map(({ result }) => result)).toEqual(reboot ? ["verified"] : []);
    const left = await virtual.run(
      "ps -A -o ARGS | grep -c 'slee[p] 10000'; settings get global http_proxy; getprop persist.sys.locale; ls /sdcard/ | grep left; cat /proc/sys/kernel/random/boot_id",
    );
    expect(left.stdout).toMatch(/^0\nnull\nen-US\n[0-9a-f-]+\n$/);
    expect(left.stdout.endsWith(boot)).toBe(!reboot);
    expect(virtual.phone.clipboard.get()).toBe("");
  },
  90_000,
);

test("keeps a phone back that its tenant has locked with a PIN", async () => {
  const lab = await openLab({ models: ["v3"] });
  const { id } = await lab.leased();
  await lab.input(id, [{ type: "key", key: "HOME" }]);
  await lab.phone().run("locksettings set-pin 4711");
  const { epoch } = await lab.term(id, { phase: "clean" });
  await lab.until(() => lab.report()?.hold.phase === "dirty", 60_000);
  expect(lab.report()?.hold.note).toContain("PIN");
  expect(await record(lab, id, epoch)).toMatchObject({ clean: false, reason: expect.stringContaining("screen-lock") });
}, 90_000);
