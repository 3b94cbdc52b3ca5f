import { readFileSync } from "node:fs";
import { ORPCError } from "@orpc/server";
import { ERRORS, PhonerackError } from "@phonerack/contract/bus";
import { describe, expect, test } from "vitest";
import { toPhonerackError } from "./errors.js";

const page = readFileSync(new URL("../../../../docs/errors.md", import.meta.url), "utf8");

describe("docs/errors.md", () => {
  test("shows every row of the table and no other, in its order and its words", () => {
    const shown = [...page.matchAll(/^\| `(\w+)` +\| (\d{3}) +\| (.+?) *\|$/gm)].map(([, code, status, message]) => [
      code,
      Number(status),
      message,
    ]);
    expect(shown).toEqual(Object.entries(ERRORS).map(([code, { status, message }]) => [code, status, message]));
  });
});

describe("what leaves the process", () => {
  test("is the table's own error, as it was thrown", () => {
    const thrown = new PhonerackError("device_not_ready", "asleep");
    expect(toPhonerackError(thrown, "r")).toBe(thrown);
    expect(toPhonerackError(new ORPCError("device_not_ready", { status: 409, cause: thrown }), "r")).toBe(thrown);
  });

  test("says nothing of an inner failure but where the log tells more", () => {
    const failure = new Error("password=hunter2 at /srv/secret");
    expect(toPhonerackError(failure, "r-1").toJSON()).toEqual({
      code: "internal",
      message: ERRORS.internal.message,
      detail: "request r-1",
    });
    expect(toPhonerackError(undefined, "r-2").code).toBe("internal");
  });

  test("names the first fields that did not fit", () => {
    const issues = ["a", "b", "c", "d"].map((field) => ({ message: "wrong", path: ["list", 0, field] }));
    const error = new ORPCError("BAD_REQUEST", { data: { issues } });
    expect(toPhonerackError(error, "r").detail).toBe("list.0.a: wrong; list.0.b: wrong; list.0.c: wrong");
  });
});
