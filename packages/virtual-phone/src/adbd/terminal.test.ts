import { describe, expect, it } from "vitest";
import { Terminal, terminalOutput } from "./terminal.js";

function type(...typed: string[]): { lines: string[]; echo: string; events: string[] } {
  const lines: string[] = [];
  const events: string[] = [];
  let echo = "";
  const terminal = new Terminal({
    echo: (bytes) => {
      echo += Buffer.from(bytes).toString("latin1");
    },
    line: (bytes) => lines.push(Buffer.from(bytes).toString()),
    interrupt: () => events.push("interrupt"),
    endOfFile: () => events.push("eof"),
  });
  for (const text of typed) terminal.input(Buffer.from(text));
  return { lines, echo, events };
}

describe("the terminal", () => {
  it("hands over whole lines and echoes what is typed", () => {
    expect(type("l", "s\r")).toEqual({ lines: ["ls\n"], echo: "ls\r\n", events: [] });
  });

  it("erases a character, of several bytes too, and never the prompt before it", () => {
    expect(type("é\x7fa\b\b\bok\r").lines).toEqual(["ok\n"]);
    expect(type("中\x7f").echo).toBe(`${Buffer.from("中").toString("latin1")}\b \b`);
  });

  it("kills the line with ^U", () => {
    expect(type("rm -rf\x15ls\r").lines).toEqual(["ls\n"]);
  });

  it("interrupts with ^C and forgets the line", () => {
    expect(type("abc\x03x\r")).toEqual({ lines: ["x\n"], echo: "abc^Cx\r\n", events: ["interrupt"] });
  });

  it("ends input with ^D on an empty line only", () => {
    expect(type("a\x04")).toMatchObject({ lines: ["a"], events: [] });
    expect(type("\x04").events).toEqual(["eof"]);
  });

  it("swallows arrow keys, however they are cut", () => {
    expect(type("a\x1b[", "A\x1bOBb\x1b[1;5Cc\r").lines).toEqual(["abc\n"]);
  });

  it("takes no line longer than Linux does", () => {
    expect(type(`${"x".repeat(10_000)}\r`).lines[0]).toHaveLength(4096);
  });

  it("sends a line feed as carriage return and line feed", () => {
    expect(Buffer.from(terminalOutput(Buffer.from("a\nb\n"))).toString()).toBe("a\r\nb\r\n");
  });
});
