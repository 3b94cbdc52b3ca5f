import { openZip, readApk, readEntry, readStringTable } from "@phonerack/apk";
import { describe, expect, it } from "vitest";
import { NOTES, SETTINGS } from "../apps/manifests.js";
import { phoneFixture } from "../chassis/phone-fixture.js";
import { SHELL } from "../files/file-system.js";
import { MODELS } from "./models.js";
import { SAMPLES_SIGNER } from "./signers.js";

function rangeOf(bytes: Buffer): { size: number; slice: (start: number, end: number) => Promise<Buffer> } {
  return { size: bytes.length, slice: (start, end) => Promise.resolve(Buffer.from(bytes.subarray(Math.max(0, start), end))) };
}

/** As a host gets it: the path that pm says, read as the shell. */
async function pull(virtual: ReturnType<typeof phoneFixture>, packageName: string): Promise<Buffer> {
  const { stdout } = await virtual.run(`pm path ${packageName}`);
  return virtual.files.readAll(stdout.trim().replace("package:", ""), { as: SHELL });
}

describe("the APKs of the stock apps", () => {
  it.each(MODELS.map(({ id }) => id))(
    "are real on %s: manifest and verified signer are what PackageManager says",
    async (model) => {
      const virtual = phoneFixture({ model });
      for (const info of virtual.phone.packages.list()) {
        const { facts, scheme } = await readApk(rangeOf(await pull(virtual, info.package)), {
          language: virtual.phone.language,
          density: 420,
        });
        const { package: name, versionCode, versionName, minSdk, targetSdk, permissions, activities, label, signer } = info;
        expect(facts).toMatchObject({
          package: name,
          versionCode,
          versionName,
          minSdk,
          targetSdk,
          permissions,
          activities,
          label,
          signer,
        });
        expect(scheme).toBe(3);
      }
      expect(virtual.phone.packages.get("android")?.apkPaths).toEqual(["/system/framework/framework-res.apk"]);
      expect(virtual.phone.packages.get(NOTES)?.signer).toBe(SAMPLES_SIGNER);
      await virtual.stop();
    },
  );

  it("are the same bytes on each phone of a model, and gone from the disk with the app", async () => {
    const [one, two] = [phoneFixture({ model: "v2" }), phoneFixture({ model: "v2" })];
    expect(await pull(one, NOTES)).toEqual(await pull(two, NOTES));
    const path = one.phone.packages.get(NOTES)?.apkPaths[0] ?? "";
    await one.run(`pm uninstall ${NOTES}`);
    expect([one.files.exists(path), two.files.exists(path)]).toEqual([false, true]);
    expect((await one.run("ls /data/app")).exitCode).toBe(1);
    await one.stop();
    await two.stop();
  });

  it("carry their strings by name in all languages", async () => {
    const virtual = phoneFixture({ model: "v4" });
    const stringsOf = async (name: string) => {
      const zip = await openZip(rangeOf(await pull(virtual, name)));
      return readStringTable((await readEntry(zip, "resources.arsc")) ?? Buffer.alloc(0));
    };
    const notes = await stringsOf(NOTES);
    const inAll = (entry: string): unknown[] => ["", "zh", "fr", "de"].map((language) => notes.get(language)?.get(entry));
    expect(inAll("save")).toEqual(["Save", "保存", "Enregistrer", "Speichern"]);
    expect(inAll("new_note")).toEqual(["New note", "新建便签", "Nouvelle note", "Neue Notiz"]);
    expect((await stringsOf(SETTINGS)).get("de")?.get("about")).toBe("Über das Telefon");
    await virtual.stop();
  });
});
