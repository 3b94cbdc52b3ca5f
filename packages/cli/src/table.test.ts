import { expect, test } from "vitest";
import { table } from "./table.js";

const shown = (...cells: string[]) => table([["NAME", (cell: string) => cell] as const, ["ID", () => "x"] as const], cells);

test("columns are as wide as what is shown, in any script", () => {
  expect(shown("a", "手机一号", "e\u0301")).toBe("NAME      ID\na         x\n手机一号  x\ne\u0301         x\n");
});

test("what somebody wrote neither drives the terminal nor leaves its cell", () => {
  expect(shown("\u001b[2J\u001b]0;pwned\u0007", "two\nlines\tand", "\u202egpj.exe", "\u009b31m")).toBe(
    "NAME            ID\n�[2J�]0;pwned�  x\ntwo lines and   x\n�gpj.exe        x\n�31m            x\n",
  );
});
