import { afterEach, describe, expect, it } from "vitest";
import { BAZAAR_DATA } from "../apps/bazaar/store.js";
import { NOTES_DATA } from "../apps/notes/store.js";
import { phoneFixture } from "../chassis/phone-fixture.js";
import { type AutomatedPhone, automatedPhone, exchange, installServer } from "./automated-phone.js";

const W3C_ID = "element-6066-11e4-a52e-4f735466cecf";
const phones: AutomatedPhone[] = [];

async function phone(options: Parameters<typeof automatedPhone>[0] = {}): Promise<AutomatedPhone> {
  const made = await automatedPhone({ model: "v3", ...options });
  phones.push(made);
  return made;
}
afterEach(async () => {
  for (const one of phones.splice(0)) await one.stop();
});

async function find(one: AutomatedPhone, strategy: string, selector: string, context = ""): Promise<string> {
  const { status, value } = await one.call("POST", "/element", { strategy, selector, context, multiple: false });
  if (status !== 200) throw new Error(JSON.stringify(value));
  return (value as Record<string, string>)[W3C_ID] ?? "";
}

async function value(one: AutomatedPhone, path: string): Promise<unknown> {
  return (await one.call("GET", path)).value;
}

describe("finding elements", () => {
  it("knows id, accessibility id, class, XPath and UiSelector, and gives one view one id", async () => {
    const one = await phone();
    await one.virtual.run("am start -n dev.phonerack.notes/.EditActivity");
    const id = await find(one, "id", "dev.phonerack.notes:id/title");
    const others = [
      ["id", "title"],
      ["xpath", "//android.widget.EditText[@text='Title']"],
      ["xpath", "//*[@resource-id='dev.phonerack.notes:id/title' and matches(@text, '^ti', 'i')]"],
      ["-android uiautomator", 'new UiSelector().className("android.widget.EditText").instance(0)'],
      ["-android uiautomator", 'textStartsWith("TIT")'],
      ["-android uiautomator", 'new UiSelector().resourceIdMatches(".*:id/tit\\w{2}")'],
      ["class name", "android.widget.EditText"],
    ] as const;
    for (const [strategy, selector] of others) expect([selector, await find(one, strategy, selector)]).toEqual([selector, id]);
    const save = await find(one, "-android uiautomator", 'new UiSelector().clickable(true).text("Save").enabled(true)');
    expect(await value(one, `/element/${save}/text`)).toBe("Save");
    expect(await value(one, `/element/${await find(one, "accessibility id", "Remind me")}/name`)).toBe("Remind me");
    const { value: all } = await one.call("POST", "/elements", { strategy: "class name", selector: "android.widget.EditText" });
    expect(all).toHaveLength(2);
    expect((await one.call("POST", "/elements", { strategy: "id", selector: "nothing" })).value).toEqual([]);
  });

  it("searches below an element, by child selectors too", async () => {
    const one = await phone();
    await one.virtual.run("am start -n com.example.bazaar/.MainActivity");
    const post = await find(one, "-android uiautomator", 'new UiSelector().resourceId("com.example.bazaar:id/post")');
    const author = await find(one, "id", "com.example.bazaar:id/author", post);
    expect(await value(one, `/element/${author}/text`)).toBe("mira.bakes");
    const nested =
      'new UiSelector().resourceId("com.example.bazaar:id/post").childSelector(new UiSelector().resourceIdMatches(".*author"))';
    expect(await find(one, "-android uiautomator", nested)).toBe(author);
    expect(await find(one, "xpath", ".//*[@text='mira.bakes']", post)).toBe(author);
  });

  it("scrolls a list until the element shows", async () => {
    const one = await phone({ model: "v1" });
    await one.virtual.run("am start -n com.android.settings/.Settings");
    const wanted =
      'new UiScrollable(new UiSelector().scrollable(true)).scrollIntoView(new UiSelector().text("Developer options"))';
    const row = await find(one, "-android uiautomator", wanted);
    expect((await one.call("POST", `/element/${row}/click`)).status).toBe(200);
    await find(one, "-android uiautomator", 'text("USB debugging")');
    await one.call("POST", "/back");
    const scroll = (selector: string) =>
      one.call("POST", "/gestures/scroll_to", { params: { strategy: "-android uiautomator", selector, maxSwipes: 5 } });
    expect((await scroll('new UiSelector().text("Display")')).value).toBeNull();
    expect((await scroll('new UiSelector().text("Nowhere")')).value).toMatchObject({ error: "no such element" });
  });

  it("answers what is not there, and what cannot be read, as the real server does", async () => {
    const one = await phone();
    const ask = async (strategy: string, selector: string) => {
      const { status, value: answer } = await one.call("POST", "/element", { strategy, selector });
      return [status, (answer as { error: string }).error, (answer as { message: string }).message];
    };
    const absent = "An element could not be located on the page using the given search parameters";
    expect(await ask("id", "nothing")).toEqual([404, "no such element", absent]);
    expect(await ask("xpath", "//*[")).toEqual([400, "invalid selector", expect.any(String)]);
    expect(await ask("-android uiautomator", "new UiSelector().nope(1)")).toEqual([
      400,
      "invalid selector",
      "Could not parse selector expression `new UiSelector().nope(1)`: UiSelector has no `nope` method",
    ]);
    expect(await ask("-android uiautomator", 'new UiSelector().text("a"')).toEqual([
      400,
      "invalid selector",
      expect.stringContaining("paren"),
    ]);
    expect(await ask("css selector", "a")).toEqual([400, "invalid selector", expect.stringContaining("not supported")]);
    expect((await one.call("POST", "/element", { strategy: 5 })).status).toBe(400);
    expect((await one.call("GET", "/nothing")).value).toMatchObject({ error: "unknown command" });
    expect((await one.bare("GET", "/session/other/source")).value).toMatchObject({ error: "invalid session id" });
  });
});

describe("an element", () => {
  it("is typed into, added to, cleared and pressed, and the phone's own record shows it", async () => {
    const one = await phone();
    await one.virtual.run("am start -n dev.phonerack.notes/.EditActivity; dumpsys phonerack_input reset");
    const title = await find(one, "id", "title");
    await one.call("POST", `/element/${title}/value`, { text: "Milch", replace: false, value: ["M"] });
    await one.call("POST", `/element/${title}/value`, { text: " und 牛奶", replace: false });
    expect(await value(one, `/element/${title}/text`)).toBe("Milch und 牛奶");
    await one.call("POST", `/element/${title}/clear`);
    expect(await value(one, `/element/${title}/text`)).toBe("Title");
    await one.call("POST", `/element/${title}/value`, { text: "Brot" });
    await one.call("POST", `/element/${await find(one, "id", "save")}/click`);
    expect(one.virtual.phone.data.get(NOTES_DATA).notes[0]?.title).toBe("Brot");
    const { touches, texts } = one.virtual.phone.inputRecord.counts.get("dev.phonerack.notes") ?? {};
    expect([touches, texts]).toEqual([1, 4]);
  });

  it("is stale when its window has gone", async () => {
    const one = await phone();
    await one.virtual.run("am start -n dev.phonerack.notes/.EditActivity");
    const title = await find(one, "id", "title");
    await one.call("POST", "/back");
    const { status, value: answer } = await one.call("POST", `/element/${title}/click`);
    expect([status, answer]).toMatchObject([
      404,
      { error: "stale element reference", message: "The element 'By.id: title' does not exist in DOM anymore" },
    ]);
    expect((await one.call("GET", "/element/unheard-of/text")).value).toMatchObject({ error: "no such element" });
  });

  it("says its rectangle, attributes and picture", async () => {
    const one = await phone();
    const notes = await find(one, "accessibility id", "Notes");
    const rect = (await value(one, `/element/${notes}/rect`)) as { x: number; y: number; width: number; height: number };
    expect(await value(one, `/element/${notes}/attribute/bounds`)).toBe(
      `[${rect.x},${rect.y}][${rect.x + rect.width},${rect.y + rect.height}]`,
    );
    expect(await value(one, `/element/${notes}/attribute/contentDescription`)).toBe("Notes");
    expect(await value(one, `/element/${notes}/attribute/displayed`)).toBe("true");
    expect(await value(one, `/element/${notes}/attribute/hint`)).toBeNull();
    expect((await one.call("GET", `/element/${notes}/attribute/colour`)).value).toMatchObject({ error: "unknown command" });
    const png = Buffer.from(String(await value(one, `/element/${notes}/screenshot`)), "base64");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([rect.width, rect.height]);
  });
});

describe("gestures", () => {
  it("scroll, fling and tell whether there is more; W3C actions tap and swipe", async () => {
    const one = await phone({ model: "v1" });
    await one.virtual.run("am start -n com.example.bazaar/.MainActivity");
    const area = { left: 50, top: 300, width: 600, height: 700 };
    const scroll = (direction: string, percent: number) =>
      one.call("POST", "/appium/gestures/scroll", { area, direction, percent });
    expect((await scroll("down", 0.5)).value).toBe(true);
    expect((await scroll("up", 1)).value).toBe(false);
    expect((await one.call("POST", "/appium/gestures/fling", { area, direction: "up" })).value).toBe(false);
    const finger = (actions: object[]) => ({
      actions: [{ type: "pointer", id: "f", parameters: { pointerType: "touch" }, actions }],
    });
    const like = await find(one, "id", "like");
    const origin = { [W3C_ID]: like };
    const press = [
      { type: "pointerMove", duration: 0, x: 0, y: 0, origin },
      { type: "pointerDown", button: 0 },
      { type: "pause", duration: 40 },
      { type: "pointerUp", button: 0 },
    ];
    expect((await one.call("POST", "/actions", finger(press))).status).toBe(200);
    expect(one.virtual.phone.data.get(BAZAAR_DATA).counters.likes).toBe(1);
    expect((await one.call("POST", "/actions", finger([{ type: "fly" }]))).value).toMatchObject({ error: "invalid argument" });
    expect((await scroll("sideways", 1)).value).toMatchObject({ error: "invalid argument" });
  });

  it("pinch with two fingers", async () => {
    const one = await phone();
    await one.virtual.run("am start -a android.intent.action.VIEW -d bazaar://product/3");
    const photo = await find(one, "-android uiautomator", 'new UiSelector().resourceIdMatches(".*photo.*")');
    const before = one.virtual.phone.inputRecord.counts.get("com.example.bazaar")?.touches ?? 0;
    const body = { origin: { [W3C_ID]: photo }, percent: 0.6 };
    expect((await one.call("POST", "/appium/gestures/pinch_open", body)).status).toBe(200);
    expect(one.virtual.phone.inputRecord.counts.get("com.example.bazaar")?.touches).toBe(before + 2);
  });
});

describe("the phone's state", () => {
  it("is in the source: rotation, keyguard, no window when the screen is off", async () => {
    const one = await phone({ model: "v1" });
    const source = async () => String(await value(one, "/source"));
    expect(await source()).toMatch(
      /^<\?xml version='1\.0' encoding='UTF-8' standalone='yes' \?>\r\n<hierarchy index="0" class="hierarchy" rotation="0" width="720" height="\d+">\r\n {2}<android\.widget\.FrameLayout index="0" package="dev\.phonerack\.launcher"/,
    );
    await one.call("POST", "/orientation", { orientation: "LANDSCAPE" });
    expect(await source()).toMatch(/rotation="1" width="1280"/);
    expect(await value(one, "/orientation")).toBe("LANDSCAPE");
    expect(await value(one, "/window/current/size")).toEqual({ width: 1280, height: 720 });
    await one.virtual.run("locksettings set-pin 1234; input keyevent POWER");
    expect((await one.call("GET", "/source")).value).toMatchObject({ error: "unknown error" });
    await one.virtual.run("input keyevent WAKEUP");
    expect(await source()).toContain('package="com.android.systemui"');
    expect(await source()).not.toContain("dev.phonerack.launcher");
  });

  it("has settings, a clipboard, keys, alerts, and no picture of a secure window", async () => {
    const one = await phone();
    await one.call("POST", "/appium/settings", { settings: { enableMultiWindows: true, nonsense: 1 } });
    expect(await value(one, "/appium/settings")).toMatchObject({ enableMultiWindows: true, waitForIdleTimeout: 10_000 });
    expect(String(await value(one, "/source"))).toContain('package="com.android.systemui"');
    await one.call("POST", "/appium/device/set_clipboard", {
      content: Buffer.from("grüß").toString("base64"),
      contentType: "PLAINTEXT",
    });
    expect(one.virtual.phone.clipboard.get()).toBe("grüß");
    expect((await one.call("POST", "/appium/list_windows", {})).value).toContainEqual(
      expect.objectContaining({ packageName: "dev.phonerack.launcher", type: 1, isFocused: true }),
    );
    expect((await one.call("GET", "/alert/text")).value).toMatchObject({ error: "no such alert" });
    void one.virtual.phone.showNotResponding("com.example.bazaar", "test");
    expect(await value(one, "/alert/text")).toBe("Bazaar isn't responding");
    await one.call("POST", "/alert/dismiss");
    expect(one.virtual.phone.dialogs.current).toBeNull();
    await one.call("POST", "/appium/device/press_keycode", { keycode: 24 });
    await one.virtual.run("am start -n dev.phonerack.vault/.MainActivity");
    expect((await one.call("GET", "/screenshot")).value).toMatchObject({ error: "unable to capture screen" });
  });
});

describe("the server", () => {
  it("runs only when its packages are installed, alone, and ends with its session, its process or its command", async () => {
    const bare = phoneFixture({ model: "v3" });
    const start = "am instrument -w io.appium.uiautomator2.server.test/androidx.test.runner.AndroidJUnitRunner";
    expect((await bare.run(start)).stdout).toContain("Unable to find instrumentation info");
    await installServer(bare);
    const first = bare.run(start);
    await expect.poll(() => bare.sockets.isBound("tcp:6790")).toBe(true);
    expect(await bare.run("uiautomator dump /dev/tty")).toMatchObject({ exitCode: 137, stderr: "Killed \n" });
    const second = bare.run(start);
    expect((await first).stdout).toContain("INSTRUMENTATION_RESULT: shortMsg=Process crashed.");
    await expect.poll(() => bare.sockets.isBound("tcp:6790")).toBe(true);
    await bare.run("am force-stop io.appium.uiautomator2.server.test");
    expect((await second).stdout).toContain("Process crashed");
    expect(bare.sockets.isBound("tcp:6790")).toBe(false);
    expect((await bare.run("uiautomator dump")).exitCode).toBe(0);
    await bare.stop();
    const one = await phone();
    expect(await one.bare("GET", "/status")).toMatchObject({ value: { ready: true, build: { version: "10.6.6" } } });
    expect((await one.call("DELETE", "")).status).toBe(200);
    expect((await one.run).stdout).toContain("OK (1 test)");
  });

  it("answers bytes that are no HTTP, wrong lengths and endless bodies, and goes on", async () => {
    const one = await phone();
    expect(await exchange(one.virtual, "\u0000\u0001garbage\r\n\r\n")).toMatch(/^HTTP\/1\.1 400/);
    expect(await exchange(one.virtual, "POST /session HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n{}")).toMatch(
      /^HTTP\/1\.1 400/,
    );
    const long = "x".repeat(5 * 1024 * 1024);
    const large = `POST /session HTTP/1.1\r\nHost: x\r\nContent-Length: ${long.length}\r\n\r\n${long}`;
    expect(await exchange(one.virtual, large)).toMatch(/^HTTP\/1\.1 413/);
    expect((await one.bare("POST", "/session", [] as object)).status).toBe(400);
    const silent = one.virtual.sockets.connect("tcp:6790");
    await silent?.write(Buffer.from("POST /session HTTP/1.1\r\nContent-Length: 100\r\n\r\n{"));
    silent?.close();
    expect((await one.bare("GET", "/status")).status).toBe(200);
  });

  it("answers a press only when the activity it opened is there, on a phone that is slow", async () => {
    const one = await phone({ latency: "real" });
    await one.call("POST", `/element/${await find(one, "accessibility id", "Notes")}/click`);
    expect(one.virtual.phone.foreground?.component.package).toBe("dev.phonerack.notes");
    expect(String(await value(one, "/source"))).toContain("dev.phonerack.notes:id/add");
  });

  it("goes on when size, density, rotation or language change under it: ids of before are stale, what is there is found", async () => {
    const one = await phone({ model: "v1" });
    await one.virtual.run("am start -n dev.phonerack.notes/.EditActivity");
    const save = await find(one, "id", "save");
    await one.virtual.run("wm size 1200x900; wm density 240; settings put system user_rotation 1");
    await one.virtual.run("settings put system accelerometer_rotation 0; setprop persist.sys.locale de-DE");
    expect((await one.call("POST", `/element/${save}/click`)).value).toMatchObject({ error: "stale element reference" });
    expect(await value(one, "/window/current/size")).toEqual({ width: 900, height: 1200 });
    expect(String(await value(one, "/source"))).toMatch(/rotation="1" width="900"/);
    const german = await find(one, "-android uiautomator", 'text("Speichern")');
    expect(await value(one, `/element/${german}/attribute/resource-id`)).toBe("dev.phonerack.notes:id/save");
    await one.call("POST", `/element/${await find(one, "accessibility id", "Erinnern")}/click`);
    await one.call("POST", `/element/${german}/click`);
    expect(one.virtual.phone.data.get(NOTES_DATA).notes).toHaveLength(1);
  });
});
