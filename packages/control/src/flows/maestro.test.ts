// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Maestro's own placeholders
import { GroupStep, PhonerackError } from "@phonerack/contract/bus";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { elementOf } from "../../test/fake-group-agent.js";
import { literalOf, patternOf } from "./names.js";
import { readFlow } from "./read.js";
import { type Recorded, writeFlow } from "./write.js";

const SCREEN = { width: 720, height: 1600 };
const at = (x: number, y: number) => ({ x, y, ...SCREEN });
const recorded = (step: unknown, element: Recorded["element"] = null, ms = 0): Recorded => ({
  step: GroupStep.parse(step),
  element,
  at: ms,
});
const write = (...steps: Recorded[]) => writeFlow(steps, { name: "", fallback: "org.example.notes" });
const stepsOf = (yaml: string) => readFlow(yaml, SCREEN).commands.flatMap(({ steps }) => steps);
const flow = (...commands: string[]) => `appId: org.example.notes\n---\n${commands.join("\n")}\n`;

function refusal(yaml: string): string {
  try {
    readFlow(yaml, SCREEN);
  } catch (error) {
    if (error instanceof PhonerackError) return `${error.code}: ${error.detail}`;
    throw error;
  }
  return "none";
}

test("a recording becomes a flow as Maestro writes them", () => {
  const yaml = write(
    recorded({ type: "launch", package: "org.example.notes" }),
    recorded({ type: "tap", at: at(10, 20) }, elementOf()),
    recorded({ type: "tap", at: at(10, 20) }, elementOf({ of: 3, index: 1, text: "Row (1)" })),
    recorded({ type: "longPress", at: at(10, 20) }, elementOf({ resourceId: null, text: null, description: "More" })),
    recorded({ type: "tap", at: at(360, 400) }),
    recorded({ type: "text", text: 'Milk: 2 l, "fresh" ${now}' }),
    recorded({ type: "swipe", from: at(360, 1200), to: at(360, 400), ms: 250 }),
    recorded({ type: "key", key: "BACK" }),
    recorded({ type: "key", key: "ENTER" }),
    recorded({ type: "key", key: "APP_SWITCH" }),
    recorded({ type: "clear" }),
    recorded({ type: "assert", at: { text: "Saved" } }),
    recorded({ type: "stop", package: "org.example.blocks" }),
    recorded({ type: "link", url: "notes://new" }),
  );
  expect(yaml).toMatchInlineSnapshot(`
    "appId: "org.example.notes"
    ---
    - launchApp:
        stopApp: false
    - tapOn:
        id: "save"
    - tapOn:
        id: "save"
        text: "Row \\\\(1\\\\)"
    - longPressOn:
        text: "More"
    - tapOn:
        point: "50%,25%"
    - inputText: "Milk: 2 l, \\"fresh\\" \\\\\${now}"
    - swipe:
        start: "50%,75%"
        end: "50%,25%"
        duration: 250
    - back
    - pressKey: "Enter"
    # Maestro has no command for this: key APP_SWITCH
    - eraseText
    - assertVisible:
        text: "Saved"
    - stopApp: "org.example.blocks"
    - openLink: "notes://new"
    "
  `);
  expect(parseAllDocuments(yaml)).toHaveLength(2);
  expect(stepsOf(yaml)).toMatchObject([
    { type: "launch", package: "org.example.notes" },
    { type: "tap", at: { id: "save" } },
    { type: "tap", at: { id: "save", text: "Row (1)" } },
    { type: "longPress", at: { text: "More" } },
    { type: "tap", at: { x: 50, y: 25, width: 100, height: 100 } },
    { type: "text", text: 'Milk: 2 l, "fresh" ${now}' },
    { type: "swipe", from: { x: 50, y: 75 }, to: { x: 50, y: 25 }, ms: 250 },
    { type: "key", key: "BACK" },
    { type: "key", key: "ENTER" },
    { type: "clear" },
    { type: "assert", at: { text: "Saved" }, visible: true, ms: 5_000 },
    { type: "stop", package: "org.example.blocks" },
    { type: "link", url: "notes://new" },
  ]);
});

test("fingers become what they meant: a tap, a long press, a swipe", () => {
  const touch = (phase: string, y: number, ms: number) =>
    recorded({ type: "touch", phase, pointer: 0, at: at(360, y) }, null, ms);
  const yaml = write(
    touch("down", 800, 0),
    touch("up", 802, 90),
    touch("down", 800, 0),
    touch("up", 800, 900),
    touch("down", 1200, 0),
    touch("up", 400, 300),
  );
  expect(stepsOf(yaml)).toMatchObject([{ type: "tap" }, { type: "longPress" }, { type: "swipe", ms: 300 }]);
});

test("any text that is typed or looked for comes back as it was", () => {
  const texts = fc
    .string({ unit: "binary", minLength: 1, maxLength: 40 })
    .filter((text) => !/\p{Surrogate}/u.test(text) && !text.includes("\\$"));
  fc.assert(
    fc.property(texts, (text) => {
      expect(literalOf(patternOf(text))).toBe(text);
      expect(new RegExp(`^${patternOf(text)}$`, "s").test(text)).toBe(true);
      const yaml = write(recorded({ type: "text", text }), recorded({ type: "tap", at: { text } }));
      expect(stepsOf(yaml)).toMatchObject([{ text }, { at: { text } }]);
    }),
  );
});

test("flows that people wrote are read with Maestro's meaning", () => {
  const yaml = flow(
    "- launchApp",
    "- launchApp: com.android.settings",
    "- tapOn: What's new?",
    "- tapOn:\n    text: Add\n    repeat: 2\n    optional: true\n    label: twice",
    "- doubleTapOn:\n    id: title",
    "- inputText: 007",
    "- setClipboard: pasted",
    "- pasteText",
    "- swipe:\n    direction: LEFT",
    "- scroll",
    "- hideKeyboard",
    "- pressKey: volume up",
    "- assertNotVisible: Error",
    "- extendedWaitUntil:\n    visible: Done\n    timeout: 8000",
    "- waitForAnimationToEnd",
  );
  const { commands, namesElements } = readFlow(yaml, SCREEN);
  expect(namesElements).toBe(true);
  expect(commands[3]).toMatchObject({ line: 6, name: "tapOn", optional: true });
  expect(commands.flatMap(({ steps }) => steps)).toMatchObject([
    { type: "stop", package: "org.example.notes" },
    { type: "launch", package: "org.example.notes" },
    { type: "stop", package: "com.android.settings" },
    { type: "launch", package: "com.android.settings" },
    { type: "tap", at: { text: "What's new?" } },
    { type: "tap", at: { text: "Add" } },
    { type: "tap", at: { text: "Add" } },
    { type: "doubleTap", at: { id: "title" } },
    { type: "text", text: "007" },
    { type: "paste", text: "pasted" },
    { type: "swipe", from: { x: 90, y: 50 }, to: { x: 10, y: 50 }, ms: 400 },
    { type: "swipe", from: { x: 50, y: 50 }, to: { x: 50, y: 10 } },
    { type: "key", key: "BACK" },
    { type: "key", key: "VOLUME_UP" },
    { type: "assert", visible: false },
    { type: "assert", at: { text: "Done" }, ms: 8_000 },
  ]);
});

describe("what cannot be replayed is refused with its line", () => {
  test.each([
    [flow("- back", "- runScript: evil.js"), "line 4: the command 'runScript' cannot be replayed here"],
    [flow("- repeat:\n    times: 3\n    commands:\n      - back"), "line 3: the command 'repeat' cannot be replayed here"],
    [flow("- tapOn:\n    text: A\n    below: B"), "line 5: tapOn: 'below' cannot be replayed here"],
    [flow('- tapOn: "Item .*"'), "line 3: tapOn: 'Item .*' stands for many texts; only whole texts are looked for here"],
    [
      flow("- tapOn: (Save|Sichern)"),
      "line 3: tapOn: '(Save|Sichern)' stands for many texts; only whole texts are looked for here",
    ],
    [flow("- inputText: ${USER}"), "line 3: inputText: scripts and variables (${…}) cannot be replayed here"],
    [flow("- launchApp:\n    clearState: true"), "line 4: launchApp: 'clearState' cannot be replayed here"],
    [flow("- tapOn:\n    point: 150%,50%"), "line 4: point: '150%,50%' is no place like 50%,50% on the screen"],
    [flow("- tapOn:\n    id: a\n    point: 5%,5%"), "line 4: a point within an element cannot be replayed here"],
    [flow("- pressKey: Any"), "line 3: pressKey: the key 'Any' cannot be pressed here"],
    [flow("- tapOn:"), "line 3: tapOn wants a text or fields"],
    [flow("- pasteText"), "line 3: pasteText: put a text there first, with setClipboard"],
    [flow("- &a back", "- *a"), "anchors, aliases and tags cannot be replayed"],
    ["- back\n", "a flow is two parts with --- between: appId: …, and the list of commands"],
    ["url: https://example.com\n---\n- back\n", "line 1: 'url' cannot be replayed here"],
    ["appId: a.b\n---\nback\n", "line 3: the second part is the list of commands: - launchApp …"],
    ["appId: a.b\n---\n- back: [\n", "line 4: Flow sequence"],
    ["", "a flow is two parts"],
    [flow("- inputText"), "line 3: inputText wants a text or fields"],
    [flow("- tapOn:\n    text: a\n    text: b"), "line 5: tapOn: 'text' stands there twice"],
  ])("%j", (yaml, said) => {
    expect(refusal(yaml)).toContain(`flow_invalid: ${said}`);
  });

  test("and what would only keep us busy at once", () => {
    const start = "appId: a.b\n---\n";
    const [deep, wide, long] = ["nested deeper", "larger than any flow", "longer than"];
    expect(refusal(start + "[".repeat(100_000))).toContain(deep);
    expect(refusal(start + "- ".repeat(90_000))).toContain(deep);
    expect(refusal(start + Array.from({ length: 400 }, (_, at) => `${" ".repeat(at)}a:\n`).join(""))).toContain(deep);
    expect(refusal(start + "- back\n".repeat(25_000))).toContain(wide);
    expect(refusal(start + "#".repeat(200_000))).toContain(long);
  });
});
