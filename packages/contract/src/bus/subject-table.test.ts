import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { covers, SubjectTable } from "./subject-table.js";

const word = fc.constantFrom("a", "b", "c");
const subject = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join("."));
const pattern = fc.array(fc.oneof(word, fc.constant("*")), { minLength: 1, maxLength: 4 }).map((words) => words.join("."));

describe("a table of subjects", () => {
  test("finds exactly those whose pattern covers the subject, also after others left", () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 12 }), subject, fc.nat(), (patterns, asked, leaving) => {
        const table = new SubjectTable<number>();
        for (const [entry, each] of patterns.entries()) table.add(each, entry);
        const gone = patterns.length === 0 ? -1 : leaving % patterns.length;
        table.remove(patterns[gone] ?? "a", gone);
        const expected = [...patterns.keys()].filter((entry) => entry !== gone && covers(patterns[entry] ?? "", asked));
        expect(table.match(asked).sort((a, b) => a - b)).toEqual(expected);
      }),
    );
  });

  test("is empty when cleared", () => {
    const table = new SubjectTable<string>();
    table.add("a.b", "exact");
    table.add("a.*", "pattern");
    expect(table.match("a.b")).toEqual(["exact", "pattern"]);
    table.clear();
    expect(table.match("a.b")).toEqual([]);
  });
});
