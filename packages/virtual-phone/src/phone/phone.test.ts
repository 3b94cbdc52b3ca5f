import { describe, expect, it } from "vitest";
import { MODELS, modelForSlot } from "../models/models.js";
import { ManualClock } from "./clock.js";
import { Phone } from "./phone.js";

function phones(): { phone: Phone; clock: ManualClock }[] {
  return MODELS.map((model) => {
    const clock = new ManualClock();
    return { phone: new Phone({ model, serial: `S-${model.id}`, clock }), clock };
  });
}

describe("every model", () => {
  it("has no timer while idle, not even with its windows made", () => {
    for (const { phone, clock } of phones()) {
      expect(clock.pending).toBe(0);
      phone.hierarchy();
      expect(clock.pending).toBe(0);
    }
  });

  it("ticks once a minute while watched, and not after", () => {
    for (const { phone, clock } of phones()) {
      let told = 0;
      const stop = phone.screen.onDamage(() => told++);
      expect(clock.pending).toBe(1);
      clock.advance(59_000);
      expect(told).toBe(0);
      clock.advance(2_000);
      expect(told).toBeGreaterThan(0);
      stop();
      expect(clock.pending).toBe(0);
    }
  });

  it("says that it is a virtual phone of phonerack, everywhere it is asked who it is", () => {
    for (const { phone } of phones()) {
      const said = phone.properties.list().filter(([name]) => /^ro\.product\..*(brand|manufacturer|model)$/.test(name));
      expect(said.length).toBeGreaterThan(5);
      for (const [, value] of said) expect(value).toContain("phonerack");
      expect(phone.properties.get("ro.build.fingerprint")).toMatch(/^phonerack\//);
      expect(phone.properties.get("ro.build.version.sdk")).toBe(String(phone.model.sdk));
      expect(phone.properties.get("ro.serialno")).toBe(phone.serial);
    }
  });

  it("is up on its home screen with keyguard away", () => {
    for (const { phone } of phones()) {
      expect(phone.properties.get("sys.boot_completed")).toBe("1");
      expect(phone.foreground?.component.package).toBe("dev.phonerack.launcher");
      expect(phone.power.state).toEqual({ interactive: true, locked: false });
    }
  });
});

describe("a chassis", () => {
  it("mixes all six models, the same way each time", () => {
    const ids = Array.from({ length: 20 }, (_, index) => modelForSlot(index + 1).id);
    expect(new Set(ids).size).toBe(6);
    expect(modelForSlot(21).id).toBe(ids[0]);
  });
});

describe("rebooting", () => {
  it("keeps what is stored, makes processes and windows anew, and says when it is up", () => {
    const [first] = phones();
    if (!first) throw new Error("no models");
    const { phone, clock } = first;
    phone.settings.put("global", "mine", "1");
    phone.activities.start({ component: "dev.phonerack.notes/.MainActivity" });
    const told: boolean[] = [];
    phone.rebooting.add((down) => told.push(down));
    phone.reboot(3000);
    expect(phone.foreground).toBeNull();
    expect(phone.properties.get("sys.boot_completed")).toBe("0");
    clock.advance(3000);
    expect(told).toEqual([true, false]);
    expect(phone.uptime).toBe(0);
    expect(phone.settings.get("global", "mine")).toBe("1");
    expect(phone.foreground?.component.package).toBe("dev.phonerack.launcher");
    expect(phone.processes.ofPackage("dev.phonerack.notes")).toEqual([]);
  });
});

describe("powered off", () => {
  it("runs nothing and has no timer, whatever was in front, and boots to its home screen", () => {
    for (const { phone, clock } of phones()) {
      const stop = phone.screen.onDamage(() => {});
      phone.activities.start({ component: "dev.phonerack.blocks/.GameActivity" });
      clock.advance(500);
      phone.input.press(24);
      phone.powerOff();
      phone.powerOff();
      stop();
      expect(clock.pending).toBe(0);
      expect(phone.processes.list()).toEqual([]);
      phone.powerOn();
      expect(phone.foreground?.component.package).toBe("dev.phonerack.launcher");
      expect(phone.hierarchy().packageName).toBe("dev.phonerack.launcher");
    }
  });
});

describe("the question about USB debugging", () => {
  it("shows the fingerprint full screen and gives the button's answer", async () => {
    const [, second] = phones();
    if (!second) throw new Error("no models");
    const { phone } = second;
    const answer = phone.askUsbDebugging("AA:BB:CC");
    expect(JSON.stringify(phone.hierarchy())).toContain("AA:BB:CC");
    phone.dialogs.press("always");
    expect(await answer).toBe("always");
    expect(phone.dialogs.current).toBeNull();
  });

  it("is denied when the host gives up, when Back is pressed, and when too many ask", async () => {
    const [first] = phones();
    if (!first) throw new Error("no models");
    const { phone } = first;
    const host = new AbortController();
    const asked = phone.askUsbDebugging("11", host.signal);
    host.abort();
    expect(await asked).toBe("deny");
    const second = phone.askUsbDebugging("22");
    phone.input.press(4);
    expect(await second).toBe("deny");
    const many = Array.from({ length: 30 }, (_, index) => phone.askUsbDebugging(String(index)));
    expect(await many[29]).toBe("deny");
    phone.dialogs.clear();
    expect(new Set(await Promise.all(many))).toEqual(new Set(["deny"]));
  });
});

describe("stores", () => {
  it("bound what a hostile shell can put in", () => {
    const [first] = phones();
    if (!first) throw new Error("no models");
    const { phone } = first;
    for (let i = 0; i < 3000; i++) {
      phone.settings.put("system", `key${i}`, "x");
      phone.properties.set(`my.key${i}`, "x");
      phone.logcat.write({ buffer: "main", pid: 1, uid: 2000, priority: "I", tag: "t", message: "m" });
      phone.shade.post({ key: String(i), package: "a", title: "", text: "", time: 0 });
    }
    expect(phone.settings.list("system").length).toBeLessThan(2100);
    expect(phone.properties.list().length).toBeLessThan(700);
    expect(phone.logcat.read(["main"]).length).toBeLessThanOrEqual(500);
    expect(phone.shade.notifications).toHaveLength(50);
    expect(phone.properties.set("ro.serialno", "other")).toBe(false);
    expect(phone.properties.set("a b", "x")).toBe(false);
    expect(phone.clipboard.set("x".repeat(600_000))).toBe(false);
  });
});
