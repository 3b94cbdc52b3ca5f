/** A phone whose UI automation is hostile: whatever it says is one named error, in bounded memory, and its stream is closed. */
import { expect, test } from "vitest";
import { PhoneLink } from "../transports/link.js";
import { askEngine } from "./engine-http.js";
import { parseTree } from "./tree.js";

const ask = { method: "GET", path: "/status", timeoutMs: 300 } as const;
const json = (body: string, status = "200 OK") =>
  `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** A phone that answers every question with these bytes and then ends, or (null) says nothing more. */
function phone(...said: (string | Uint8Array | null)[]) {
  const streams = { open: 0, read: 0 };
  const link = new PhoneLink({
    shellV2: true,
    connect: () => {
      streams.open++;
      let closed = false;
      const rest = [...said];
      return Promise.resolve({
        read: () => {
          const next = rest.shift();
          if (next === null) return new Promise<undefined>(() => undefined);
          const bytes = typeof next === "string" ? Buffer.from(next) : next;
          streams.read += bytes?.length ?? 0;
          return Promise.resolve(bytes);
        },
        write: () => Promise.resolve(),
        close: () => {
          if (!closed) streams.open--;
          closed = true;
        },
      });
    },
    close: () => undefined,
  });
  return { link, streams };
}

test.each([
  ["garbage", ["\x00\x01\xff not http at all\r\n\r\n"], "phone_protocol"],
  ["silence", [null], "device_timeout"],
  ["half an answer and silence", [json('{"value":1}').slice(0, 60), null], "device_timeout"],
  ["half an answer and its end", [json('{"value":"something long enough"}').slice(0, -9)], "phone_protocol"],
  ["an end at once", [], "phone_protocol"],
  ["no JSON", [json("<html>")], "phone_protocol"],
  ["two lengths that differ", ["HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 7\r\n\r\nabc"], "phone_protocol"],
  ["an endless header", [`HTTP/1.1 200 OK\r\nx: ${"y".repeat(200_000)}`, null], "phone_protocol"],
  ["an error of its own", [json('{"value":{"message":"no such element"}}', "404 Not Found")], "phone_failed"],
] as const)("%s is one named error", async (_what, said, code) => {
  const { link, streams } = phone(...said);
  await expect(askEngine(link, 6790, ask)).rejects.toMatchObject({ code });
  expect(streams.open).toBe(0);
});

test("an endless answer is not read to its end", async () => {
  const part = Buffer.alloc(1024 * 1024, 0x20);
  const { link, streams } = phone("HTTP/1.1 200 OK\r\n\r\n", ...Array.from({ length: 64 }, () => part));
  await expect(askEngine(link, 6790, { ...ask, timeoutMs: 10_000 })).rejects.toMatchObject({ code: "phone_protocol" });
  expect(streams.open).toBe(0);
  expect(streams.read).toBeLessThan(16 * 1024 * 1024);
});

test.each([
  ["nothing", ""],
  ["no XML", "hello"],
  ["a cut one", '<hierarchy rotation="0"><node class="a" bounds="[0,0][1,1]">'],
  ["what is closed twice", '<hierarchy rotation="0"></hierarchy></hierarchy>'],
  ["an entity bomb", '<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY c "&b;&b;">]><hierarchy><node text="&c;"/></hierarchy>'],
  ["too deep", `<hierarchy>${'<node class="a">'.repeat(1_000)}${"</node>".repeat(1_000)}</hierarchy>`],
  ["too many", `<hierarchy>${'<node class="a"/>'.repeat(30_000)}</hierarchy>`],
  ["one tag of a million attributes", `<hierarchy><node ${'a="b" '.repeat(500_000)}/></hierarchy`],
  ["spaces without end", `<hierarchy><node ${" ".repeat(3_000_000)}`],
])("a hierarchy that is %s is refused", (_what, source) => {
  expect(() => parseTree(source)).toThrow(expect.objectContaining({ code: "phone_protocol" }));
});
