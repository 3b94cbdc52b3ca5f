import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { identityObstacles } from "./obstacles.js";
import { PUBLIC_KEYS, WELL_KNOWN, wellKnownApps } from "./well-known.js";

const OWN = "11".repeat(32);
const app = (name: string, signer = OWN) => ({ package: name, signer, certificate: "" });
let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "phonerack-obstacles-"));
});
afterEach(() => rm(dataDir, { recursive: true }));

test.each([...PUBLIC_KEYS])("a key that everybody has (%s, %s) owns nothing, whatever an operator says", (signer, name) => {
  const [obstacle, ...more] = identityObstacles(app("com.example.app", signer), WELL_KNOWN);
  expect(obstacle).toMatchObject({ code: "public-key", approvable: false, message: expect.stringContaining(`(${name})`) });
  expect(more).toEqual([]);
});

test("nothing stands against an app of one's own key and name", () => {
  expect(identityObstacles(app("com.example.app"), WELL_KNOWN)).toEqual([]);
  expect(identityObstacles(app("toString"), WELL_KNOWN)).toEqual([]);
});

test("a lab's own list adds to the shipped one, and counts where both name an app", async () => {
  const list = { "org.example.famous": ["22".repeat(32)], "com.tencent.mm": [OWN] };
  await writeFile(join(dataDir, "well-known-apps.json"), JSON.stringify(list));
  const known = await wellKnownApps(dataDir);
  expect(identityObstacles(app("org.example.famous"), known)).toMatchObject([{ code: "well-known", approvable: false }]);
  expect(identityObstacles(app("com.tencent.mm"), known)).toEqual([]);
  expect(identityObstacles(app("com.whatsapp"), known)).toMatchObject([{ code: "well-known", approvable: false }]);
});

test("a list that is none is refused by name, and none is the shipped one", async () => {
  expect(await wellKnownApps(dataDir)).toBe(WELL_KNOWN);
  await writeFile(join(dataDir, "well-known-apps.json"), '{"com.example": "no list"}');
  await expect(wellKnownApps(dataDir)).rejects.toMatchObject({ code: "data_unwritable" });
});
