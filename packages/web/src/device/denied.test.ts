import { describe, expect, test } from "vitest";
import { sampleDevice } from "../live/sample-device.js";
import { denialOf } from "./denied.js";

const words = "bazaar is not yours: nothing is written into it.";
const denials = { count: 3, last: words, at: 0 };
const front = (standing: "owned" | "other") => ({ package: "com.example.bazaar", activity: ".Shop", standing });

describe("a denial under the phone", () => {
  test("is said at once when the gate refused", () => {
    expect(denialOf(sampleDevice(), { refusal: words, denied: true })).toBe(words);
  });

  test("stays while the app that is not theirs is in front, and goes with it", () => {
    const none = { refusal: undefined };
    expect(denialOf(sampleDevice({ denials, foreground: front("other") }), none)).toBe(words);
    expect(denialOf(sampleDevice({ denials, foreground: front("owned") }), none)).toBeUndefined();
    expect(denialOf(sampleDevice({ denials, foreground: null }), none)).toBeUndefined();
  });

  test("is not what else went wrong", () => {
    expect(denialOf(sampleDevice(), { refusal: "The device did not answer in time.", denied: false })).toBeUndefined();
  });
});
