import { PhonePath } from "@phonerack/contract/api";
import { describe, expect, test } from "vitest";
import { downloadPath, sortFiles } from "./dropped-files.js";

const file = (name: string) => new File([], name);

describe("dropped files", () => {
  test("are apps to install or files to keep", () => {
    const { apks, others } = sortFiles(["base.apk", "SPLIT.APK", "notes.pdf"].map(file));
    expect(apks.map(({ name }) => name)).toEqual(["base.apk", "SPLIT.APK"]);
    expect(others.map(({ name }) => name)).toEqual(["notes.pdf"]);
  });

  test("are refused when a bundle is among them, with its name", () => {
    expect(() => sortFiles(["a.apk", "App.aab"].map(file))).toThrow(
      expect.objectContaining({ code: "aab_refused", detail: "App.aab" }),
    );
  });

  test.each(["a.pdf", "日本語.txt", "..", "", "a/b", "x\u0000y", "c:\\d"])("have a place on every phone: %j", (name) => {
    const path = downloadPath({ name, webkitRelativePath: "" });
    expect(PhonePath.parse(path)).toBe(path);
    expect(path.split("/")).toHaveLength(4);
  });

  test("of a folder keep their place below it, and nowhere else", () => {
    expect(downloadPath({ name: "b", webkitRelativePath: "top/a/b" })).toBe("/sdcard/Download/top/a/b");
    expect(downloadPath({ name: "b", webkitRelativePath: "../../b" })).toBe("/sdcard/Download/file/file/b");
  });
});
