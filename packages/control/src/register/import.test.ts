import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BadCsv, readCsv } from "./csv.js";
import { typeOf } from "./evidence.js";
import { planImport } from "./import-plan.js";
import { readImport } from "./import-rows.js";
import { fileOf } from "./multipart.js";
import { type DeviceRecord, StoredRecord } from "./records.js";
import { dueWarnings } from "./warnings.js";

const cells = (text: string) => readCsv(text).map((row) => row.cells);

describe("CSV", () => {
  test.each<[string, string[][]]>([
    [
      "a,b\n1,2",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "\ufeffa;b\r\n1;2\r\n",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "a\tb\n1\t2\n\n",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      'a,b\n"x, y","say ""hi"""\n',
      [
        ["a", "b"],
        ["x, y", 'say "hi"'],
      ],
    ],
    [
      'a,b\n"two\nlines",2',
      [
        ["a", "b"],
        ["two\nlines", "2"],
      ],
    ],
    [
      "a,b\n1,",
      [
        ["a", "b"],
        ["1", ""],
      ],
    ],
    [
      "a,b\n,2",
      [
        ["a", "b"],
        ["", "2"],
      ],
    ],
    ["", []],
  ])("%j", (text, rows) => {
    expect(cells(text)).toEqual(rows);
  });

  test("what was written is read, whatever was in it, and each row knows its line", () => {
    const cell = fc.stringMatching(/^[a-z",;\r\n\t 手机٣é]{0,6}$/u);
    const row = fc.array(cell, { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 6 }),
        fc.constantFrom(",", ";", "\t"),
        fc.constantFrom("\n", "\r\n"),
        (rows, by, end) => {
          const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
          const text = [["head", "er"], ...rows].map((one) => one.map(quoted).join(by)).join(end);
          const kept = rows.filter((one) => one.some((some) => some.trim() !== ""));
          const read = readCsv(text);
          expect(read.slice(1).map((one) => one.cells)).toEqual(kept);
          const lines = text.split("\n");
          for (const one of read) expect(lines[one.line - 1]?.startsWith('"')).toBe(true);
        },
      ),
    );
  });

  test.each([
    ['a,b\n1,"open', 2],
    ['a,b\n"x"y,2', 2],
    ['a,b\n"x\ny"z,2', 3],
  ])("%j is broken in line %i", (text, line) => {
    expect(() => readCsv(text)).toThrow(BadCsv);
    expect(readImport(`device,b\n${text.split("\n").slice(1).join("\n")}`).problems).toMatchObject([{ at: `line ${line}` }]);
  });
});

const NAL = "00-D710-208871";
const DEVICES = [
  { id: "d-one", name: "V01-01" },
  { id: "d-two", name: "机架 3 (左)" },
  { id: "d-three", name: "Café" },
  { id: "d-twin1", name: "Twin" },
  { id: "d-twin2", name: "twin" },
];

function plan(text: string, records: ReadonlyMap<string, DeviceRecord> = new Map()) {
  const { rows, problems } = readImport(text);
  const planned = planImport({ rows, devices: DEVICES, records, hasEvidence: (id) => id === "e-aaaaaaaaaaaaaaaa" });
  return { devices: planned.devices, problems: [...problems, ...planned.problems] };
}

function record(change: object = {}, imeis: string[] = []): DeviceRecord {
  return { record: StoredRecord.parse({ licences: {}, ...change }), imeis, at: 0, by: "ada" };
}

describe("an import", () => {
  const csv = `\ufeffDevice;Model;IMEI1;IMEI2;nal.number;nal.model;nal.expires\r\nV01-01;TET-AN00;864725048031204;490154203237518;${NAL};TET-AN00;2027-01-31\r\n机架 3 (左);;;;;;\r\n`;
  const yaml = `devices:
  - device: v01-01
    model: TET-AN00
    imeis: [864725048031204, 490154203237518]
    licences:
      nal: {number: ${NAL}, model: TET-AN00, expires: 2027-01-31}
  - device: 机架 3 (左)
    model: ~
`;
  test("of CSV and YAML is the same", () => {
    const [fromCsv, fromYaml] = [plan(csv), plan(yaml)];
    expect(fromCsv.problems).toEqual([]);
    expect(fromCsv.devices.map((one) => [one.device, one.at, one.what])).toEqual([
      ["d-one", "line 2", "new"],
      ["d-two", "line 3", "new"],
    ]);
    expect(fromYaml.devices.map((one) => one.next)).toEqual(fromCsv.devices.map((one) => one.next));
    expect(plan(JSON.stringify([{ device: "d-one", imeis: ["049015420323751"] }])).devices[0]?.next.imeis).toEqual([
      "049015420323751",
    ]);
  });

  test("leaves alone what it does not name, clears what is empty, and shows each change", () => {
    const before = new Map([["d-one", record({ model: "A", manufacturer: "M" }, ["864725048031204"])]]);
    expect(plan("device,model\nd-one,B", before).devices[0]).toMatchObject({
      what: "changed",
      fields: [{ field: "model", from: "A", to: "B" }],
      next: { imeis: ["864725048031204"], record: { manufacturer: "M" } },
    });
    expect(plan("device,manufacturer,imeis\nd-one,,", before).devices[0]?.fields).toEqual([
      { field: "manufacturer", from: "M", to: null },
      { field: "imeis", from: "864725048031204", to: null },
    ]);
    expect(plan("device,model\nd-one,A", before).devices[0]?.what).toBe("same");
  });

  test("finds names in any script, composed or not, and no name that is two devices'", () => {
    expect(plan("device,model\nCafe\u0301,A").devices[0]?.device).toBe("d-three");
    expect(plan("device,model\nTWIN,A").problems).toMatchObject([
      { at: "line 2", message: expect.stringContaining("several devices") },
    ]);
  });

  test("keeps what was confirmed only while it says the same", () => {
    const confirmed = { by: "ada", at: 1, evidence: "e-aaaaaaaaaaaaaaaa" };
    const before = new Map([["d-one", record({ licences: { nal: { number: NAL, confirmed } } })]]);
    const kept = (text: string) => plan(text, before).devices[0]?.next.record.licences.nal?.confirmed ?? null;
    expect(kept("device,model,nal.evidence\nd-one,X,e-aaaaaaaaaaaaaaaa")).toEqual(confirmed);
    expect(kept("device,nal.number\nd-one,00-D710-208872")).toBeNull();
    expect(kept("device,nal.expires\nd-one,2030-01-01")).toBeNull();
    expect(kept("device,nal.model\nd-one,Other")).toBeNull();
  });

  test("may exchange the IMEIs of two devices", () => {
    const before = new Map([
      ["d-one", record({}, ["864725048031204"])],
      ["d-two", record({}, ["490154203237518"])],
    ]);
    expect(plan("device,imei\nd-one,490154203237518\nd-two,864725048031204", before).problems).toEqual([]);
    expect(plan("device,imei\nd-one,490154203237518", before).problems).toMatchObject([
      { at: "line 2", field: "imeis", message: "IMEI 490154203237518 is that of 机架 3 (左), too" },
    ]);
  });

  test.each([
    ["device,model\nnobody,A", "line 2", /knows no device/],
    ["device,model\n,A", "line 2", /names no device/],
    ["device,modle\nd-one,A", "line 2", /no field 'modle'/],
    ["device,constructor\nd-one,A", "line 2", /no field 'constructor'/],
    ["device,model,model\nd-one,A,B", "line 1", /model is there twice/],
    ["device,model\nd-one,A,B", "line 2", /3 cells/],
    ["device,model\nd-one,A\nv01-01,B", "line 3", /on line 2 already/],
    ["device,imei\nd-one,8.64725E+14", "line 2", /15 digits/],
    ["device,imei\nd-one,８６４７２５０４８０３１２０４", "line 2", /15 digits/],
    ["device,imei\nd-one,864725048031204\nd-two,864725048031204", "line 3", /is that of V01-01, too/],
    ["device,nal.number\nd-one,00-D71\u041e-208871", "line 2", /only looks like one/],
    ["device,nal.number\nd-one,00-D710-\u200b208871", "line 2", /only looks like one/],
    ["device,model\nd-one,TET\u2010AN00", "line 2", /only looks like one/],
    ["device,nal.expires\nd-one,2027-02-30", "line 2", /YYYY-MM-DD/],
    ["device,nal.expires\nd-one,31.01.2027", "line 2", /YYYY-MM-DD/],
    ["device,nal.evidence\nd-one,e-bbbbbbbbbbbbbbbb", "line 2", /no document/],
    ["device,form\nd-one,brick", "line 2", /complete-unit/],
    ["", "line 1", /neither a column nor a list/],
    ["model,imei\nA,1", "line 1", /neither a column nor a list/],
    ["devices: []", "line 1", /no device in it/],
    ["devices:\n  - device: d-one\n    model: [[a]]", "line 3", /something else than a text/],
    ["devices:\n  - d-one", "line 2", /something else than a text/],
    ["devices:\n  - device: d-one\n  model: A", "line 3", /./],
    ["a: &a [x]\ndevices:\n  - device: d-one\n    imeis: *a", "line 4", /something else/],
  ])("%j is refused at %s", (text, at, message) => {
    const { problems } = plan(text);
    expect(problems[0]).toMatchObject({ at, message: expect.stringMatching(message) });
  });

  test("whatever comes, it is an answer", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 200 }),
        fc.constantFrom("", "device,model\n", "devices:\n  - device: d-one\n    "),
        (rest, head) => {
          const { problems, devices } = plan(head + rest);
          expect(problems.length + devices.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("a form", () => {
  const form = (...parts: string[]) => Buffer.from(`${parts.map((part) => `--XX\r\n${part}`).join("")}--XX--\r\n`, "latin1");
  const file = (name: string, body: string) =>
    `Content-Disposition: form-data; name="f"; filename=${name}\r\nContent-Type: x/y\r\n\r\n${body}\r\n`;
  const field = 'Content-Disposition: form-data; name="note"\r\n\r\nhello\r\n';
  const type = "multipart/form-data; boundary=XX";

  test("has one file, its bytes as they are", () => {
    const bytes = "\x89PNG\r\n\x1a\n\0\xff--X\r\n--Y";
    expect(fileOf(form(field, file('"a \\"b\\".png"', bytes)), type)).toEqual({
      name: 'a "b".png',
      bytes: Buffer.from(bytes, "latin1"),
    });
    expect(fileOf(form(file('""', "")), type)?.bytes).toHaveLength(0);
  });

  test.each([
    ["no file", form(field), type],
    ["two files", form(file('"a"', "1"), file('"b"', "2")), type],
    ["an end that is missing", form(file('"a"', "1")).subarray(0, -4), type],
    ["another boundary", form(file('"a"', "1")), "multipart/form-data; boundary=YY"],
    ["no boundary", form(file('"a"', "1")), "multipart/form-data"],
    ["nothing", Buffer.alloc(0), type],
  ])("with %s is refused", (_what, body, contentType) => {
    expect(fileOf(body, contentType)).toBeUndefined();
  });
});

test.each([
  ["\xff\xd8\xff\xe0", "image/jpeg"],
  ["\x89PNG\r\n\x1a\n...", "image/png"],
  ["RIFF\x10\0\0\0WEBP", "image/webp"],
  ["%PDF-1.7", "application/pdf"],
  ["<html>", undefined],
  ["GIF89a", undefined],
  [" %PDF-1.7", undefined],
  ["", undefined],
])("%j is %s", (bytes, type) => {
  expect(typeOf(Buffer.from(bytes, "latin1"))).toBe(type);
});

test("each warning is given once, the nearest alone, and anew for another day", () => {
  const DAY = 24 * 3_600_000;
  const end = Date.parse("2026-12-31T16:00:00Z");
  const { record: stored } = record({ licences: { nal: { expires: "2026-12-31" }, srrc: { expires: "2020-01-01" } } });
  const at = (now: number, before = {}) => dueWarnings(stored, before, { schemes: ["nal"], country: "CN", now });
  expect(at(end - 61 * DAY).warnings).toEqual([]);
  let warned = {};
  const told: unknown[] = [];
  for (let now = end - 61 * DAY; now <= end + 3 * DAY; now += DAY / 4) {
    const { warnings, after } = at(now, warned);
    warned = after;
    told.push(...warnings.map(({ kind, days }) => [kind, days, (end - now) / DAY]));
  }
  expect(told).toEqual([
    ["register.expiring", 60, 60],
    ["register.expiring", 14, 14],
    ["register.expiring", 1, 1],
    ["register.expired", 0, 0],
  ]);
  // Control was away for a month: what is long past is not told as well.
  expect(at(end - DAY / 2).warnings).toEqual([{ kind: "register.expiring", scheme: "nal", expires: "2026-12-31", days: 1 }]);
  const renewed = record({ licences: { nal: { expires: "2027-01-31" } } }).record;
  expect(dueWarnings(renewed, warned, { schemes: ["nal"], country: "CN", now: end }).warnings).toMatchObject([{ days: 60 }]);
});
