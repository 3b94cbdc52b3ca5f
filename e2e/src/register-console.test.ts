/**
 * The register as an operator meets it, in Chromium: phones at a site in China are isolated; a file of records is seen before it is taken, a photo is added, the numbers
 * are looked up and the phone is public; a changed record isolates it again.
 */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newPage, startChromium } from "./chromium.js";
import { type DeviceView, type Up, untilDevices } from "./phonerack.js";
import { startLabWith, startVirtualChassis, type VirtualChassis } from "./virtual-chassis.js";

interface Board extends DeviceView {
  readonly model: string;
}

let chassis: VirtualChassis;
let up: Up;
let browser: Browser;
let page: Page;
let problems: string[];
let boards: Board[];

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers = { authorization: `Bearer ${up.token}`, "content-type": "application/json" };
  const response = await fetch(`${up.url}/api/v1${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  return (await response.json()) as T;
}

const file = (name: string, text: string) => ({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
const record = () => page.getByRole("dialog");
const row = (name: string) => page.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });

beforeAll(async () => {
  [chassis, browser] = await Promise.all([startVirtualChassis(2), startChromium()]);
  up = await startLabWith(chassis.addresses);
  boards = (await untilDevices(up, (all) => all.length === 2 && all.every(({ state }) => state === "ready"))) as Board[];
  boards.sort((a, b) => (a.slot ?? 0) - (b.slot ?? 0));
  const lab = await call<{ sites: { country?: string }[] }>("GET", "/lab");
  for (const site of lab.sites) site.country = "CN";
  await call("PUT", "/lab", { lab });
  ({ page, problems } = await newPage(browser, up.console));
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await up?.stop();
  await chassis?.stop();
});

test("a file of records is seen before it is taken, row by row, and with a wrong row nothing is", async () => {
  const [first, second] = boards as [Board, Board];
  await page.getByRole("link", { name: "Admin" }).click();
  await page.getByRole("link", { name: "Register" }).click();
  await row(first.name).getByText("It has no record").waitFor();
  await page.getByRole("button", { name: "no record 2" }).click();
  expect(page.url()).toContain("reason=no-record");
  await page.getByRole("button", { name: "Import" }).click();
  const choose = page.locator("input[type=file]");
  await choose.setInputFiles(file("wrong.csv", `device,imei1,colour\n${first.name},864725048031204,red\nnobody,,\n`));
  await record().getByText("2 rows are refused").waitFor();
  await record().getByRole("cell", { name: "there is no field 'colour'" }).waitFor();
  expect(await record().getByRole("button", { name: "Apply" }).isDisabled()).toBe(true);

  const head = "device,model,imei1,nal.number,nal.model,nal.expires,srrc.number,srrc.model,srrc.expires";
  const licensed = ({ name, model }: Board, imei: string) =>
    `${name},${model},${imei},00-D710-208871,${model},2099-12-31,2020CP10858,${model},2099-12-31`;
  // A wrong check digit keeps a phone isolated; it may be entered all the same.
  const text = [head, licensed(first, "864725048031204"), licensed(second, "861122330000002")].join("\r\n");
  await choose.setInputFiles(file("phones.csv", `\uFEFF${text}`));
  await record().getByRole("button", { name: "2 new" }).waitFor();
  await record().getByRole("row").filter({ hasText: second.name }).getByText("wrong check digit").waitFor();
  expect((await call<{ items: unknown[] }>("GET", "/register/devices?record=true")).items).toEqual([]);
  await record().getByRole("button", { name: "Apply 2 records" }).click();
  await record().getByText("2 records are in the register.").waitFor();
  await record().getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "Show all" }).click();
  await row(first.name).getByText("was only typed in").waitFor();
}, 60_000);

test("with a photo and what the registry showed a phone is public, and a changed record isolates it again", async () => {
  const [first] = boards as [Board, Board];
  await row(first.name).getByRole("link").click();
  const photo = { name: "label.png", mimeType: "image/png", buffer: await page.screenshot() };
  const upload = record().locator("input[type=file]");
  await upload.setInputFiles({ ...photo, name: "label.exe", buffer: Buffer.from("MZ no photo") });
  await record().getByText("evidence_invalid").waitFor();
  await record().getByRole("button", { name: "Dismiss" }).click();
  await upload.setInputFiles(photo);
  const thumbnail = record().getByRole("link", { name: "Open label.png" }).locator("img");
  await expect.poll(() => thumbnail.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(1440);
  for (const scheme of ["NAL", "SRRC"]) {
    await record()
      .getByRole("button", { name: `I looked ${scheme} up` })
      .click();
    await record().getByLabel("Also for the other phone").check();
    await record().getByRole("button", { name: "Confirm" }).click();
    await record()
      .getByRole("button", { name: `Looked ${scheme} up again` })
      .waitFor();
  }
  await record().getByText("public", { exact: true }).waitFor();
  // On what a record rests cannot be deleted.
  expect(await record().getByRole("button", { name: "Delete: label.png" }).count()).toBe(0);

  const imei = record().getByLabel("IMEI 1");
  await imei.fill("864725048031205");
  await record().getByText("Its check digit is wrong").waitFor();
  await imei.fill("86472504803120x");
  expect(await record().getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
  await imei.fill("861122330000002");
  await record().getByRole("button", { name: "Save" }).click();
  await record().getByText("another device already").waitFor();
  await imei.fill("864725 04-803120/4");
  await record().getByLabel("Last day").first().fill("2098-12-31");
  await record().getByRole("button", { name: "Save" }).click();
  await record().getByText("isolated", { exact: true }).waitFor();
  expect(await call("GET", `/register/devices/${first.id}`)).toMatchObject({
    network: { class: "isolated", reasons: [{ code: "level", scheme: "nal" }] },
    record: { imeis: ["864725048031204"], licences: { nal: { expires: "2098-12-31" }, srrc: { level: "registry-confirmed" } } },
  });
  await page.keyboard.press("Escape");
  await row(first.name).getByText("isolated").waitFor();
  expect(new URL(page.url()).search).toBe("");
  // The browser itself says in its log that a request was refused: the document that was none, the IMEI of another.
  expect(problems.filter((text) => !/status of (400|409|415|422)/.test(text))).toEqual([]);
}, 60_000);
