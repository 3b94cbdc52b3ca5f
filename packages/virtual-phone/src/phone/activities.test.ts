import { describe, expect, it } from "vitest";
import { modelById } from "../models/models.js";
import { thrownBy } from "./app-errors.js";
import { ManualClock } from "./clock.js";
import { LATENCY } from "./latency.js";
import { Phone } from "./phone.js";
import { UID } from "./processes.js";

function phone(id = "v3", latency: keyof typeof LATENCY = "none"): { phone: Phone; clock: ManualClock } {
  const model = modelById(id);
  if (!model) throw new Error(`no model ${id}`);
  const clock = new ManualClock();
  return { phone: new Phone({ model, serial: `T-${id}`, clock, latency: LATENCY[latency] }), clock };
}

function events(of: Phone, tag: string): string[] {
  return of.logcat.read(["events"]).flatMap((entry) => (entry.tag === tag ? [entry.message] : []));
}

const NOTES = "dev.phonerack.notes/.MainActivity";

describe("an app switch", () => {
  it("is told as wm_set_resumed_activity by system_server, uid 1000, from API 30", () => {
    const { phone: p } = phone("v6");
    p.activities.start({ component: NOTES }, UID.shell);
    const last = p.logcat
      .read(["events"])
      .filter(({ tag }) => tag === "wm_set_resumed_activity")
      .pop();
    expect(last?.message).toBe("[0,dev.phonerack.notes/.MainActivity,minimalResumeActivityLocked - onActivityStateChanged]");
    expect(last?.uid).toBe(1000);
    expect(last?.pid).toBe(p.processes.named("system_server")?.pid);
    expect(last?.priority).toBe("I");
  });

  it("is told as am_set_resumed_activity up to API 29, never as wm_", () => {
    for (const id of ["v1", "v2"]) {
      const { phone: p } = phone(id);
      p.activities.start({ component: NOTES });
      expect(events(p, "am_set_resumed_activity").pop()).toBe(
        "[0,dev.phonerack.notes/.MainActivity,minimalResumeActivityLocked]",
      );
      expect(p.logcat.read(["events"]).some(({ tag }) => tag.startsWith("wm_"))).toBe(false);
    }
  });

  it("starts the app's process, and its own resume event carries the app's uid", () => {
    const { phone: p } = phone("v3");
    p.activities.start({ component: NOTES });
    const [process] = p.processes.ofPackage("dev.phonerack.notes");
    const started = `[0,${process?.pid},10101,dev.phonerack.notes,next-top-activity,{dev.phonerack.notes/dev.phonerack.notes.MainActivity}]`;
    expect(events(p, "am_proc_start").pop()).toBe(started);
    const resumed = p.logcat
      .read(["events"])
      .filter(({ tag }) => tag === "wm_on_resume_called")
      .pop();
    expect(resumed?.uid).toBe(10_101);
    expect(resumed?.pid).toBe(process?.pid);
    expect(resumed?.message).toMatch(/^\[\d+,dev\.phonerack\.notes\.MainActivity,RESUME_ACTIVITY\]$/);
  });

  it("comes late on a slow phone, and pauses what was in front at once", () => {
    const { phone: p, clock } = phone("v3", "real");
    clock.advance(5000);
    expect(p.foreground?.component.package).toBe("dev.phonerack.launcher");
    const result = p.activities.start({ component: NOTES });
    expect(p.foreground).toBeNull();
    clock.advance(result.totalTime);
    expect(p.foreground?.component.package).toBe("dev.phonerack.notes");
  });

  it("reaches followers in order, however late each entry is", () => {
    const { phone: p, clock } = phone("v3", "real");
    clock.advance(1000);
    const seen: number[] = [];
    p.logcat.follow(["events"], ({ sequence }) => seen.push(sequence));
    p.activities.start({ component: NOTES });
    expect(seen).toEqual([]);
    clock.advance(2000);
    expect(seen.length).toBeGreaterThan(5);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });
});

describe("starting", () => {
  it("says how: started, delivered to the one on top, brought to the front, not found", () => {
    const { phone: p } = phone();
    expect(p.activities.start({ component: NOTES }).code).toBe("started");
    expect(p.activities.start({ component: NOTES }).code).toBe("delivered-to-top");
    p.activities.home();
    expect(p.activities.start({ component: NOTES }).code).toBe("task-to-front");
    expect(p.activities.start({ component: "dev.phonerack.notes/.Nothing" }).code).toBe("not-found");
    expect(p.activities.start({ component: "no.such.app/.Main" }).code).toBe("not-found");
  });

  it("refuses the shell an activity that is not exported", () => {
    const { phone: p } = phone();
    const component = "com.android.permissioncontroller/com.android.permissioncontroller.permission.ui.GrantPermissionsActivity";
    expect(p.activities.start({ component }, UID.shell).code).toBe("not-exported");
    expect(p.foreground?.component.package).toBe("dev.phonerack.launcher");
  });

  it("follows deep links by scheme and host", () => {
    const { phone: p } = phone();
    const result = p.activities.start({ action: "android.intent.action.VIEW", data: "https://bazaar.example/post/3" }, UID.shell);
    expect(result.component).toEqual({ package: "com.example.bazaar", activity: "com.example.bazaar.PostActivity" });
    expect(p.foreground?.intent.data).toBe("https://bazaar.example/post/3");
    expect(p.activities.start({ action: "android.intent.action.VIEW", data: "https://other.example/" }).code).toBe("not-found");
  });

  it("does not find activities of a disabled package, and finds them when it is enabled again", () => {
    const { phone: p } = phone();
    p.packages.setEnabled("com.example.bazaar", "disabled-user");
    expect(p.activities.start({ component: "com.example.bazaar/.MainActivity" }, UID.shell).code).toBe("not-found");
    expect(p.packages.launchable().some((info) => info.package === "com.example.bazaar")).toBe(false);
    p.packages.setEnabled("com.example.bazaar", "enabled");
    expect(p.activities.start({ component: "com.example.bazaar/.MainActivity" }, UID.shell).code).toBe("started");
  });
});

describe("the back stack", () => {
  it("goes activity by activity, then home", () => {
    const { phone: p } = phone();
    p.activities.start({ component: NOTES });
    p.activities.start({ component: "dev.phonerack.notes/.EditActivity" });
    expect(p.foreground?.component.activity).toBe("dev.phonerack.notes.EditActivity");
    p.input.press(4);
    expect(p.foreground?.component.activity).toBe("dev.phonerack.notes.MainActivity");
    p.input.press(4);
    expect(p.foreground?.component.package).toBe("dev.phonerack.launcher");
    p.input.press(4);
    expect(p.foreground?.component.package).toBe("dev.phonerack.launcher");
  });

  it("lists recent tasks newest first, without home", () => {
    const { phone: p } = phone();
    p.activities.start({ component: NOTES });
    p.activities.start({ component: "com.android.settings/.Settings" });
    expect(p.activities.recents().map(({ affinity }) => affinity)).toEqual(["com.android.settings", "dev.phonerack.notes"]);
    const notes = p.activities.recents()[1];
    p.activities.moveToFront(notes?.id ?? -1);
    expect(p.foreground?.component.package).toBe("dev.phonerack.notes");
    p.activities.removeTask(notes?.id ?? -1);
    expect(p.processes.ofPackage("dev.phonerack.notes")).toEqual([]);
    expect(p.foreground?.component.package).toBe("dev.phonerack.launcher");
  });
});

describe("ending an app", () => {
  it("by force-stop ends activities and process, shows home, and says am_kill", () => {
    const { phone: p } = phone();
    p.activities.start({ component: NOTES });
    p.activities.forceStop("dev.phonerack.notes");
    expect(p.foreground?.component.package).toBe("dev.phonerack.launcher");
    expect(p.processes.ofPackage("dev.phonerack.notes")).toEqual([]);
    expect(p.activities.recents()).toEqual([]);
    expect(events(p, "am_kill").pop()).toMatch(/^\[0,\d+,dev\.phonerack\.notes,0,stop /);
  });

  it("by disabling its package while it is in front", () => {
    const { phone: p } = phone();
    p.activities.start({ component: "com.example.bazaar/.MainActivity" });
    p.packages.setEnabled("com.example.bazaar", "disabled-user");
    expect(p.foreground?.component.package).toBe("dev.phonerack.launcher");
    expect(p.processes.ofPackage("com.example.bazaar")).toEqual([]);
  });

  it("by a crash leaves a trace in the crash buffer and a dialog with its name", () => {
    const { phone: p } = phone();
    p.activities.start({ component: NOTES });
    p.activities.crash("dev.phonerack.notes", thrownBy("dev.phonerack.notes", "java.lang.IllegalStateException", "boom"));
    expect(p.logcat.read(["crash"]).map(({ message }) => message)).toContain("java.lang.IllegalStateException: boom");
    expect(p.dialogs.current?.title).toBe("Notes has stopped");
    expect(p.foreground?.component.package).toBe("dev.phonerack.launcher");
  });
});

describe("sleep and keyguard", () => {
  it("pauses what is in front while dark or locked, and resumes it after", () => {
    const { phone: p } = phone();
    p.activities.start({ component: NOTES });
    p.power.sleep();
    expect(p.foreground).toBeNull();
    expect(events(p, "screen_toggled").pop()).toBe("0");
    p.power.wakeUp();
    expect(p.power.locked).toBe(true);
    expect(p.foreground).toBeNull();
    expect(p.power.dismissKeyguard()).toBe(true);
    expect(p.foreground?.component.package).toBe("dev.phonerack.notes");
    expect(events(p, "wm_set_resumed_activity").pop()).toMatch(/^\[0,dev\.phonerack\.notes\/\.MainActivity,/);
  });

  it("starts an app behind the keyguard without resuming it", () => {
    const { phone: p } = phone();
    p.power.sleep();
    p.power.wakeUp();
    expect(p.activities.start({ component: NOTES }).code).toBe("started");
    expect(p.foreground).toBeNull();
    p.power.dismissKeyguard();
    expect(p.foreground?.component.package).toBe("dev.phonerack.notes");
  });
});
