import { describe, expect, it } from "vitest";
import { phoneFixture } from "../chassis/phone-fixture.js";
import { centreOf, findNode } from "./hierarchy.js";
import type { RecordedInput } from "./input-record.js";

function tap(virtual: ReturnType<typeof phoneFixture>, id: string): void {
  const found = findNode(virtual.phone.hierarchy(), ({ resourceId }) => resourceId.endsWith(`:id/${id}`));
  if (!found) throw new Error(`nothing is called ${id}`);
  const at = centreOf(found.bounds);
  virtual.phone.input.touch("down", 0, at);
  virtual.phone.input.touch("up", 0, at);
}

async function recordOf(virtual: ReturnType<typeof phoneFixture>): Promise<{ counts: unknown[]; events: RecordedInput[] }> {
  const { stdout } = await virtual.run("dumpsys phonerack_input");
  const lines = stdout.split("\n").filter(Boolean);
  const parse = (word: string): unknown[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => JSON.parse(line.slice(word.length + 1)));
  return { counts: parse("package"), events: parse("event") as RecordedInput[] };
}

describe("the phone's own input record", () => {
  it("names window, view, place and display of each touch, key and text, whichever way they came", async () => {
    const virtual = phoneFixture({ model: "v1" });
    await virtual.run("am start -n dev.phonerack.notes/.EditActivity");
    await virtual.run("dumpsys phonerack_input reset");
    tap(virtual, "title");
    await virtual.run("input text milk; input keyevent 67; input keyevent HOME");
    const { counts, events } = await recordOf(virtual);
    expect(counts).toEqual([{ package: "dev.phonerack.notes", touches: 1, keys: 1, texts: 1 }]);
    const field = { id: "dev.phonerack.notes:id/title", className: "android.widget.EditText" };
    const window = { package: "dev.phonerack.notes", name: "dev.phonerack.notes/dev.phonerack.notes.EditActivity" };
    expect(events).toMatchObject([
      { seq: 1, kind: "touch", action: "press", ended: "up", ...window, view: field, width: 720, height: 1280, rotation: 0 },
      { seq: 2, kind: "text", text: "milk", ...window, view: field },
      { seq: 3, kind: "key", code: 67, ...window, view: { ...field, text: "milk" } },
    ]);
    await virtual.stop();
  });

  it("keeps the last 500 events and counts all of them", async () => {
    const virtual = phoneFixture({ model: "v1" });
    for (let i = 0; i < 620; i++) virtual.phone.input.press(62);
    const { counts, events } = await recordOf(virtual);
    expect(counts).toEqual([{ package: "dev.phonerack.launcher", touches: 0, keys: 620, texts: 0 }]);
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 500 }, (_, index) => 121 + index));
    await virtual.stop();
  });

  it("is beside Bazaar's counters, which adb reads too", async () => {
    const virtual = phoneFixture({ model: "v1" });
    await virtual.run("am start -n com.example.bazaar/.MainActivity");
    tap(virtual, "like");
    expect((await recordOf(virtual)).counts).toContainEqual({ package: "com.example.bazaar", touches: 1, keys: 0, texts: 0 });
    const { stdout } = await virtual.run("dumpsys phonerack_bazaar");
    expect(JSON.parse(stdout)).toEqual({ likes: 1, comments: 0, follows: 0, orders: 0 });
    await virtual.stop();
  });
});
