import { PhonerackError } from "@phonerack/contract/bus";
import { describe, expect, test } from "vitest";
import { describeFailure, exitCodeOf } from "./failure.js";

const plain = { json: false, verbose: false };

describe("a failure", () => {
  test("is one line: the table's sentence and what is known of this case", () => {
    expect(describeFailure(new PhonerackError("port_taken", "127.0.0.1:80\n  in use"), plain)).toBe(
      "phonerack: The port is taken by another program; choose another with --port. (127.0.0.1:80; in use)\n",
    );
  });

  test("is one JSON line when asked", () => {
    expect(JSON.parse(describeFailure(new PhonerackError("denied", "x"), { json: true, verbose: false }))).toEqual({
      error: { code: "denied", message: expect.any(String), detail: "x" },
    });
  });

  test("that nobody foresaw shows its message, and its stack only when asked", () => {
    const error = new Error("boom");
    expect(describeFailure(error, plain)).toMatch(/^phonerack: .*\(boom\)\n$/);
    expect(describeFailure(error, { json: false, verbose: true })).toContain("failure.test.ts");
  });

  test("of the command's words exits with 2, any other with 1", () => {
    expect([exitCodeOf(new PhonerackError("usage")), exitCodeOf(new PhonerackError("denied")), exitCodeOf("odd")]).toEqual([
      2, 1, 1,
    ]);
  });
});
