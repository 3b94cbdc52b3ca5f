import { beforeAll, describe, expect, test } from "vitest";
import { phoneFixture } from "../chassis/phone-fixture.js";
import type { VirtualPhone } from "../chassis/virtual-phone.js";
import { formatEntry, readFilters, readStyle } from "./commands/logcat.js";

/** Lines as Android prints them, compared letter by letter. */
let phone: VirtualPhone;
const out = async (command: string): Promise<string> => (await phone.run(command)).stdout;
beforeAll(() => {
  phone = phoneFixture();
});

describe("properties and settings", () => {
  test("print as getprop and settings do", async () => {
    expect(await out("getprop ro.build.version.sdk; getprop no.such.thing; getprop no.such.thing fallback")).toBe(
      "31\n\nfallback\n",
    );
    expect(await out("getprop | grep ro.product.device")).toBe("[ro.product.device]: [pr_v3]\n");
    expect(
      await out(
        "settings get global no_such; settings put global a 1; settings get --user 0 global a; settings delete global a; settings delete global a",
      ),
    ).toBe("null\n1\nDeleted 1 rows\nDeleted 0 rows\n");
    expect(await phone.run("setprop ro.serialno x")).toMatchObject({
      exitCode: 1,
      stderr: "setprop: failed to set property 'ro.serialno' to 'x'\n",
    });
    expect((await phone.run("settings get nowhere x")).exitCode).toBe(255);
  });
});

describe("networks", () => {
  const TOLD = "cmd wifi status; ip route show table all; dumpsys connectivity | head -1; dumpsys wifi | head -1";
  const NONE = "local 127.0.0.0/8 dev lo table local proto kernel scope host src 127.0.0.1\nActive default network: none\n";
  test("are told the same by all who tell them, and follow the switch", async () => {
    expect(await out(TOLD)).toBe(`Wifi is enabled\nWifi is not connected\n${NONE}Wi-Fi is enabled\n`);
    phone.setFault("on-wifi", true);
    expect(await out(TOLD)).toMatch(
      /^Wifi is enabled\nWifi is connected to "lab"\ndefault via 192\.0\.2\.1 dev wlan0 table 1014 proto static\n[\s\S]*network: 101\n/,
    );
    expect(await out("ip addr show wlan0; dumpsys connectivity")).toMatch(/state UP[\s\S]*192\.0\.2\.17[\s\S]*WIFI CONNECTED/);
    expect(await out(`svc wifi disable; ${TOLD}`)).toBe(`Wifi is disabled\nWifi is not connected\n${NONE}Wi-Fi is disabled\n`);
    await out("svc wifi enable; settings put global airplane_mode_on 1");
    expect(await out("ip route show table all")).not.toContain("default");
    phone.setFault("on-wifi", false);
    await out("settings put global airplane_mode_on 0");
  });
});

describe("wm and dumpsys window", () => {
  test("print sizes, overrides and refuse nonsense", async () => {
    expect(await out("wm size; wm density")).toBe("Physical size: 1080x2400\nPhysical density: 420\n");
    expect(await out("wm size 540x1200; wm density 210; wm size; wm density; wm size reset; wm density reset; wm size")).toBe(
      "Physical size: 1080x2400\nOverride size: 540x1200\nPhysical density: 420\nOverride density: 210\nPhysical size: 1080x2400\n",
    );
    expect((await phone.run("wm size 1x1")).exitCode).toBe(255);
    expect(
      await out(
        "wm user-rotation lock 1; dumpsys window displays | grep -E 'init=|mRotation='; wm user-rotation; wm user-rotation free; wm user-rotation",
      ),
    ).toMatch(/^ {4}init=1080x2400 420dpi cur=2400x1080 app=2400x\d+ rng=\S+\n {4}mRotation=1 .*\nlock 1\nfree\n$/);
  });

  test("name the focused window, also under keyguard and shade", async () => {
    const focus = "dumpsys window | grep mCurrentFocus | tail -1";
    expect(await out(focus)).toMatch(
      /^ {2}mCurrentFocus=Window\{[0-9a-f]+ u0 dev\.phonerack\.launcher\/dev\.phonerack\.launcher\.HomeActivity\}\n$/,
    );
    expect(await out(`cmd statusbar expand-notifications; ${focus}; cmd statusbar collapse`)).toMatch(
      / u0 NotificationShade\}\n$/,
    );
    phone.setFault("locked", true);
    expect(await out(`${focus}; dumpsys window policy | grep -E 'showing=|secure='`)).toMatch(
      /NotificationShade\}\n {6}showing=true\n {6}secure=true\n$/,
    );
    phone.setFault("locked", false);
    expect(await out("dumpsys window policy | grep showing=")).toBe("      showing=false\n");
  });

  test("mark a secure window in its flags", async () => {
    phone.setFault("secure-window", true);
    expect(await out("dumpsys window windows | grep -c ' SECURE '")).toBe("1\n");
    phone.setFault("secure-window", false);
    expect(await out("dumpsys window windows | grep -c ' SECURE '")).toBe("0\n");
  });
});

describe("dumpsys", () => {
  test("battery prints, overrides and resets", async () => {
    const shown = await out("dumpsys battery");
    expect(shown).toMatch(
      /^Current Battery Service state:\n {2}AC powered: false\n {2}USB powered: true\n {2}Wireless powered: false\n(?:.*\n)* {2}status: 2\n {2}health: 2\n {2}present: true\n {2}level: \d+\n {2}scale: 100\n {2}voltage: \d+\n {2}temperature: 268\n {2}technology: Li-ion\n$/,
    );
    expect(
      await out("dumpsys battery set level 5; dumpsys battery unplug; dumpsys battery | grep -E 'UPDATES|level|USB|status'"),
    ).toBe("  (UPDATES STOPPED -- use 'reset' to restart)\n  USB powered: false\n  status: 3\n  level: 5\n");
    expect(await out("dumpsys battery reset; dumpsys battery")).toBe(shown);
  });

  test("power, input_method and an unknown service answer as expected", async () => {
    expect(
      await out("dumpsys power | grep -E 'mWakefulness=|mStayOn='; dumpsys input_method | grep -w mInputShown | tail -1"),
    ).toBe("  mWakefulness=Awake\n  mStayOn=false\n  mInputShown=false\n");
    expect(
      await out(
        "input keyevent SLEEP; dumpsys power | grep mWakefulness=; input keyevent 224; wm dismiss-keyguard; dumpsys power | grep mWakefulness=",
      ),
    ).toBe("  mWakefulness=Asleep\n  mWakefulness=Awake\n");
    expect(await phone.run("dumpsys nonsense")).toEqual({ stdout: "", stderr: "Can't find service: nonsense\n", exitCode: 0 });
  });

  test("activity and package know what was started", async () => {
    const { stdout } = await phone.run(
      "am start -W -n dev.phonerack.notes/.MainActivity; dumpsys activity activities | grep -E 'mResumedActivity|topResumed'; dumpsys package dev.phonerack.notes | grep -E 'versionName|userId='",
    );
    expect(stdout).toMatch(
      /^Starting: Intent \{ cmp=dev\.phonerack\.notes\/\.MainActivity \}\nStatus: ok\nLaunchState: COLD\nActivity: dev\.phonerack\.notes\/\.MainActivity\nTotalTime: \d+\nWaitTime: \d+\nComplete\n/,
    );
    expect(stdout).toMatch(
      / {4}mResumedActivity: ActivityRecord\{[0-9a-f]+ u0 dev\.phonerack\.notes\/\.MainActivity t\d+\}\n {2}topResumedActivity=ActivityRecord\{/,
    );
    expect(stdout).toMatch(/ {4}userId=\d+\n {4}versionName=\S+\n$/);
    expect(await phone.run("am start -n a.b/.C")).toMatchObject({
      stderr: "Error type 3\nError: Activity class {a.b/a.b.C} does not exist.\n",
      exitCode: 1,
    });
    expect((await phone.run("am start -n dev.phonerack.notes/.MainActivity")).stderr).toBe(
      "Warning: Activity not started, intent has been delivered to currently running top-most instance.\n",
    );
  });
});

describe("ps", () => {
  test("prints toybox's columns, wide numbers borrowing from the next column", async () => {
    const lines = (await out("ps -A")).split("\n");
    expect(lines[0]).toBe("USER            PID   PPID     VSZ    RSS WCHAN            ADDR S NAME");
    expect(lines[1]).toMatch(/^root {14}1 {6}0 \d{8} {1,2}\d+ 0 {19}0 S init$/);
    expect(await out("ps -o USER,PID,NAME -p 1")).toBe("USER            PID NAME\nroot              1 init\n");
    expect((await phone.run("ps -o NOPE")).stderr).toBe("ps: bad -o NOPE\n");
  });
});

describe("pm", () => {
  test("lists, disables and enables as Android words it", async () => {
    expect(await out("pm list packages -s settings")).toBe(
      "package:com.android.providers.settings\npackage:com.android.settings\n",
    );
    expect(
      await out(
        "pm disable-user --user 0 dev.phonerack.blocks; pm list packages -d; pm enable dev.phonerack.blocks; pm list packages -d",
      ),
    ).toBe(
      "Package dev.phonerack.blocks new state: disabled-user\npackage:dev.phonerack.blocks\nPackage dev.phonerack.blocks new state: enabled\n",
    );
    expect(
      await out("cmd package resolve-activity --brief dev.phonerack.blocks | tail -1; pm clear no.such; pm uninstall no.such"),
    ).toBe("dev.phonerack.blocks/.GameActivity\nFailed\nFailure [DELETE_FAILED_INTERNAL_ERROR]\n");
    expect((await phone.run("pm disable-user com.android.systemui")).exitCode).toBe(255);
  });
});

describe("logcat", () => {
  const entry = {
    time: Date.UTC(2026, 10, 24, 9, 41, 7, 89),
    buffer: "events",
    pid: 515,
    tid: 536,
    uid: 1000,
    priority: "I",
    tag: "wm_set_resumed_activity",
    message: "[0,a.b/.C,resumeTopActivity]",
    sequence: 1,
  } as const;
  const style = (...words: string[]) => readStyle(words, Date.UTC(2026, 10, 24)) ?? expect.fail("no such style");

  test.each([
    [["threadtime"], "11-24 09:41:07.089   515   536 I wm_set_resumed_activity: [0,a.b/.C,resumeTopActivity]\n"],
    [["uid"], "11-24 09:41:07.089  1000   515   536 I wm_set_resumed_activity: [0,a.b/.C,resumeTopActivity]\n"],
    [["brief"], "I/wm_set_resumed_activity(  515): [0,a.b/.C,resumeTopActivity]\n"],
    [["time"], "11-24 09:41:07.089 I/wm_set_resumed_activity(  515): [0,a.b/.C,resumeTopActivity]\n"],
    [["tag"], "I/wm_set_resumed_activity: [0,a.b/.C,resumeTopActivity]\n"],
    [["raw"], "[0,a.b/.C,resumeTopActivity]\n"],
    [
      ["threadtime", "year,usec"],
      "2026-11-24 09:41:07.089000   515   536 I wm_set_resumed_activity: [0,a.b/.C,resumeTopActivity]\n",
    ],
    [["epoch"], "         1795513267.089   515   536 I wm_set_resumed_activity: [0,a.b/.C,resumeTopActivity]\n"],
    [["long"], "[ 11-24 09:41:07.089   515:  536 I/wm_set_resumed_activity ]\n[0,a.b/.C,resumeTopActivity]\n\n"],
  ])("prints -v %s", (words, expected) => {
    expect(formatEntry(entry, style(...words))).toBe(expected);
  });

  test("pads short tags to eight and repeats the head for each line", () => {
    expect(formatEntry({ ...entry, tag: "ab", message: "x\ny" }, style("brief"))).toBe(
      "I/ab      (  515): x\nI/ab      (  515): y\n",
    );
  });

  test("filters by tag and priority", () => {
    const keep = readFilters(["ab:W", "cd:*", "*:S"]) ?? expect.fail("no filter");
    const verdicts = [
      ["ab", "I"],
      ["ab", "E"],
      ["cd", "V"],
      ["ef", "F"],
    ].map(([tag, priority]) => keep({ ...entry, tag, priority } as never));
    expect(verdicts).toEqual([false, true, true, false]);
    expect(readFilters(["ab:Q"])).toBeUndefined();
  });

  test("shows an app switch in the events buffer with the system's uid, and follows", async () => {
    const ending = new AbortController();
    const follower = phone.run("logcat -b events -v uid -T 1", { signal: ending.signal });
    await expect.poll(() => phone.phone.logcat.followers).toBe(1);
    await phone.run("am start -n dev.phonerack.blocks/.GameActivity");
    await phone.run("sleep 0.01");
    ending.abort();
    expect((await follower).stdout).toMatch(
      /^--------- beginning of events\n(?:.*\n)*\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {2}1000 +\d+ +\d+ I wm_set_resumed_activity: \[0,dev\.phonerack\.blocks\/\.GameActivity,\S+\]\n/,
    );
    expect(phone.phone.logcat.followers).toBe(0);
    expect(await out("log -t mine -p w hello; logcat -d -s mine -v brief | tail -1; logcat -c; logcat -d")).toMatch(
      /^W\/mine {4}\( *\d+\): hello\n$/,
    );
  });
});

describe("files", () => {
  test("ls and stat print toybox's columns", async () => {
    expect(
      await out(
        "cd /data/local/tmp; echo hello > f; touch -d @1600000000 f; chmod 640 f; ln -s f l; mkdir d; ls -l f l; ls; ls -a d; stat -c '%a %s %n %U %F' f; rm -r f l d",
      ),
    ).toBe(
      "-rw-r----- 1 shell shell 6 2020-09-13 12:26 f\nlrwxrwxrwx 1 shell shell 1 " +
        `${new Date().toISOString().slice(0, 10)} ` +
        (await out("date +%H:%M")).trim() +
        " l -> f\nd\nf\nl\n.\n..\n640 6 f shell regular file\n",
    );
  });

  test("errors are toybox's", async () => {
    expect(
      (
        await phone.run(
          "cat /nope; rm /nope; mkdir /sdcard/DCIM; rm /sdcard/DCIM; ls /data; cp /nope /sdcard; ls -z; rmdir /sdcard",
        )
      ).stderr,
    ).toBe(
      "cat: /nope: No such file or directory\nrm: /nope: No such file or directory\nmkdir: '/sdcard/DCIM': File exists\nrm: /sdcard/DCIM: Is a directory\nls: /data: Permission denied\ncp: /nope: No such file or directory\nls: Unknown option 'z' (see \"ls --help\")\nrmdir: /sdcard: Not a directory\n",
    );
  });

  test("text programs read, cut and count", async () => {
    const lines = "printf 'b 2\\na 1\\nc 3\\n'";
    expect(
      await out(
        `${lines} | sort | head -1; ${lines} | cut -d' ' -f2 | tr '\\n' ,; echo; ${lines} | grep -n c; ${lines} | sed -n '2s/a/A/p'; ${lines} | wc; ${lines} | tail -n +3; echo abc | od -An -tx1; echo hi | base64; echo hi | md5sum`,
      ),
    ).toBe("a 1\n2,1,3,\n3:c 3\nA 1\n      3       6      12\nc 3\n 61 62 63 0a\naGkK\n764efa883dda1e11db47671c4a3bbd9e  -\n");
  });
});

describe("input and capture", () => {
  test("injects, and says why not when the vendor forbids it", async () => {
    expect(await phone.run("input tap 10 10; input keyevent 0; input keyevent KEYCODE_HOME; echo $?")).toEqual({
      stdout: "0\n",
      stderr: "",
      exitCode: 0,
    });
    expect((await phone.run("input tap 10")).exitCode).toBe(255);
    phone.setFault("refuses-injection", true);
    expect(await phone.run("input tap 1 1")).toMatchObject({
      exitCode: 255,
      stderr: expect.stringContaining("java.lang.SecurityException: Injecting input events requires"),
    });
    phone.setFault("refuses-injection", false);
  });

  test("gives the head of a raw picture without drawing it, and whole pictures", async () => {
    expect(await out("screencap | head -c 16 | od -An -tx1")).toBe(" 38 04 00 00 60 09 00 00 01 00 00 00 01 00 00 00\n");
    expect(
      await out(
        "screencap -p | head -c 8 | od -An -tx1; screencap -p /sdcard/s.png; head -c 4 /sdcard/s.png | od -An -c; screencap | wc -c",
      ),
    ).toBe(` 89 50 4e 47 0d 0a 1a 0a\n 211   P   N   G\n${16 + 1080 * 2400 * 4}\n`);
  });

  test("dumps the tree as uiautomator does", async () => {
    expect(await out("uiautomator dump /sdcard/ui.xml; head -c 86 /sdcard/ui.xml")).toBe(
      "UI hierchary dumped to: /sdcard/ui.xml\n<?xml version='1.0' encoding='UTF-8' standalone='yes' ?><hierarchy rotation=\"0\"><node ",
    );
    expect(await out("uiautomator dump /dev/tty")).toMatch(
      /<node index="\d+" text="[^"]*" resource-id="[^"]*" class="[^"]+" package="dev\.phonerack\.launcher" .* bounds="\[\d+,\d+\]\[\d+,\d+\]".*<\/hierarchy>UI hierchary dumped to: \/dev\/tty\n$/,
    );
  });
});
