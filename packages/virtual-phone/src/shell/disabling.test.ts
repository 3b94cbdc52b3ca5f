import { describe, expect, it } from "vitest";
import { phoneFixture } from "../chassis/phone-fixture.js";
import { findNode } from "../phone/hierarchy.js";

const BAZAAR = "com.example.bazaar";
const LAUNCHABLE = "cmd package query-activities --components -a android.intent.action.MAIN -c android.intent.category.LAUNCHER";

describe("a package that the shell disables for its user", () => {
  it("ends at once, leaves the launcher and recents, and nothing starts it until it is enabled", async () => {
    const virtual = phoneFixture({ model: "v3" });
    const out = async (command: string): Promise<string> => {
      const { stdout, stderr } = await virtual.run(command);
      return stdout + stderr;
    };
    const icon = (): boolean => findNode(virtual.phone.hierarchy(), ({ text }) => text === "Bazaar") !== undefined;
    expect(icon()).toBe(true);
    await out(`am start -n ${BAZAAR}/.MainActivity`);
    await out("logcat -b events -c");
    expect(await out(`pm disable-user --user 0 ${BAZAAR}`)).toBe(`Package ${BAZAAR} new state: disabled-user\n`);
    expect(virtual.phone.foreground?.component.package).toBe("dev.phonerack.launcher");
    expect(virtual.phone.processes.ofPackage(BAZAAR)).toEqual([]);
    const log = (await out("logcat -b events -d -v brief")).split("\n");
    const at = (tag: string): number => log.findIndex((line) => line.startsWith(`I/${tag}`));
    expect(log[at("wm_finish_activity")]).toContain(`${BAZAAR}/.MainActivity,force-stop`);
    expect(log[at("am_kill")]).toContain(`stop ${BAZAAR} due to pkg changed`);
    expect(at("wm_set_resumed_activity")).toBeGreaterThan(at("am_kill"));
    expect(icon()).toBe(false);
    expect(await out(LAUNCHABLE)).toBe(
      "com.android.settings/.Settings\ndev.phonerack.blocks/.GameActivity\ndev.phonerack.notes/.MainActivity\ndev.phonerack.vault/.MainActivity\n",
    );
    expect(await out(`am start -n ${BAZAAR}/.MainActivity`)).toContain(
      `Error type 3\nError: Activity class {${BAZAAR}/${BAZAAR}.MainActivity} does not exist.`,
    );
    expect(await out("am start -a android.intent.action.VIEW -d bazaar://product/3")).toContain("unable to resolve Intent");
    expect(await out(`monkey -p ${BAZAAR} -c android.intent.category.LAUNCHER 1`)).toContain("No activities found to run");
    expect(await out(`pm list packages -d`)).toBe(`package:${BAZAAR}\n`);
    expect(await out(`pm enable --user 0 ${BAZAAR}`)).toBe(`Package ${BAZAAR} new state: enabled\n`);
    expect(await out(`dumpsys package ${BAZAAR}`)).toMatch(/stopped=false .*enabled=1/);
    expect(icon()).toBe(true);
    await virtual.stop();
  });

  it("is not among the activities that PackageManager lists, in any of its formats", async () => {
    const virtual = phoneFixture({ model: "v3" });
    const query = "cmd package query-activities --user 0 -a android.intent.action.VIEW -d bazaar://product/3";
    const { stdout: brief } = await virtual.run(query.replace("--user", "--brief --user"));
    expect(brief).toBe(
      `1 activities found:\n  Activity #0:\n    priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 isDefault=true\n    ${BAZAAR}/.ProductActivity\n`,
    );
    expect((await virtual.run(query)).stdout).toMatch(/Activity #0:\n {4}priority.*\n {4}ActivityInfo:\n {6}name=com\.example/);
    await virtual.run(`pm disable-user ${BAZAAR}`);
    expect((await virtual.run(query)).stdout).toBe("No activities found\n");
    await virtual.stop();
  });

  it("shows the switch in its windows before the log's readers hear of it", async () => {
    const virtual = phoneFixture({ model: "v3", latency: "real" });
    await virtual.run("am start -W -n dev.phonerack.notes/.MainActivity");
    const late = new AbortController();
    const log = virtual.run("logcat -b events -T 1 -v brief", { signal: late.signal });
    await virtual.run(`am start -W -n ${BAZAAR}/.MainActivity`);
    expect((await virtual.run("dumpsys window displays")).stdout).toContain(`u0 ${BAZAAR}/${BAZAAR}.MainActivity}`);
    await virtual.run("sleep 0.3");
    late.abort();
    expect((await log).stdout).toMatch(/wm_set_resumed_activity.*com\.example\.bazaar\/\.MainActivity/);
    await virtual.stop();
  });
});
