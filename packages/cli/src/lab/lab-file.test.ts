import { Lab } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readLab, withLine, writeLab } from "./lab-file.js";

const TEXT = `# our lab
version: 1
sites:
  - name: Berlin
    racks:
      - name: A
        chassis:
          - name: V01
            slots: 8
            devices:
              1: dev-1
              2: dev-2
          - name: V02
            tenant: acme
            devices: {}
`;

function failure(text: string): string | undefined {
  try {
    readLab(text);
  } catch (error) {
    if (error instanceof PhonerackError && error.code === "lab_invalid") return error.detail;
    throw error;
  }
  return undefined;
}

test("a file is read with what it leaves out filled in", () => {
  const chassis = readLab(TEXT).lab.sites[0]?.racks[0]?.chassis;
  expect(chassis).toEqual([
    { name: "V01", slots: 8, tenant: null, labels: [], devices: { 1: "dev-1", 2: "dev-2" } },
    { name: "V02", slots: 20, tenant: "acme", labels: [], devices: {} },
  ]);
});

test("a file is written for people: numbers bare, names beside ids", () => {
  const text = writeLab(readLab(TEXT).lab, (id) => (id === "dev-1" ? "V01-01, Pixel" : undefined));
  expect(text).toContain("1: dev-1 # V01-01, Pixel\n");
  expect(text).toContain("2: dev-2\n");
  expect(text).not.toContain("labels");
});

test("whatever lab is written is read back as it was, from YAML and from JSON", () => {
  const name = fc.stringMatching(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,6}[\p{L}\p{N}]$/u);
  const device = fc.stringMatching(/^d-[a-z2-7]{8}$/);
  const chassis = fc.record({
    slots: fc.integer({ min: 1, max: 100 }),
    tenant: fc.option(fc.constantFrom("acme", "007", "null", "yes")),
    labels: fc.array(fc.constantFrom("soak", "1", "~", "a: b", "# no"), { maxLength: 3 }),
    ids: fc.uniqueArray(device, { maxLength: 3 }),
  });
  const names = fc.uniqueArray(name, { minLength: 1, maxLength: 4, selector: (text) => text.trim() });
  fc.assert(
    fc.property(names, fc.array(chassis, { maxLength: 4 }), (called, all) => {
      const used = new Set<string>();
      const list = called.map((one, at) => {
        const { ids = [], slots = 20, tenant = null, labels = [] } = all[at] ?? {};
        const own = ids.filter((id) => !used.has(id)).slice(0, slots);
        for (const id of own) used.add(id);
        return { name: one, slots, tenant, labels, devices: Object.fromEntries(own.map((id, slot) => [String(slot + 1), id])) };
      });
      const lab = Lab.parse({ version: 1, sites: [{ name: "S", racks: [{ name: "R", chassis: list }] }] });
      expect(readLab(writeLab(lab, (id) => `name of ${id}\n#`)).lab).toEqual(lab);
      expect(readLab(JSON.stringify(lab, undefined, 1)).lab).toEqual(lab);
    }),
    { numRuns: 60 },
  );
});

describe("what is wrong is named by its line and what to mend", () => {
  test.each([
    [TEXT.replace("slots: 8", "slots: 800"), "line 9: slots: Too big: expected number to be <=100"],
    [TEXT.replace("slots: 8", "slotz: 8"), "line 9: there is no 'slotz' here; take it out or mend its spelling"],
    [TEXT.replace("slots: 8", "slots: 1"), "line 12: slot 2 is beyond the 1 slots of chassis V01"],
    [TEXT.replace("V02", "V01"), "line 13: chassis V01 is there twice; give one another name"],
    [TEXT.replace("dev-2", "dev-1"), "line 12: device dev-1 is in two slots, V01/1 and V01/2"],
    [TEXT.replace("2: dev-2", "1: dev-2"), "line 12: Map keys must be unique"],
    [TEXT.replace("2: dev-2", "two: dev-2"), "line 12: 'two' is no slot; slots are numbers from 1"],
    [TEXT.replace("name: V02", "name: 42"), /^line 13: name: .*; put what looks like a number in quotes$/],
    [TEXT.replace("version: 1", "version: 2"), /^line 2: version: /],
    [TEXT.replace("- name: A\n ", "- "), /^line 6: /],
    [TEXT.replace("devices: {}", "devices: {"), /^line 1[56]: /],
    ["", /^line 1: the file: /],
    ["hello", /^line 1: the file: /],
  ])("%#", (text, words) => {
    const found = failure(text);
    if (typeof words === "string") expect(found).toBe(words);
    else expect(found).toMatch(words);
  });

  test("also what only control knows", () => {
    const file = readLab(TEXT);
    const refused = new PhonerackError("lab_invalid", "sites.0.racks.0.chassis.1.tenant: chassis V02 is for 'acme', who?");
    expect(withLine(file, refused)).toMatchObject({ code: "lab_invalid", detail: "line 14: chassis V02 is for 'acme', who?" });
    const other = new PhonerackError("internal");
    expect(withLine(file, other)).toBe(other);
  });
});
