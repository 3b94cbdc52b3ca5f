/**
 * What waits for a person, in Chromium: watching flags an organisation that opens one app by hand on all its phones, its owner sees the pause and appeals, and a
 * person of the lab decides.
 */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newPage, startChromium } from "./chromium.js";
import { type DeviceView, startUp, type Up, untilDevices } from "./phonerack.js";

const BAZAAR = "com.example.bazaar";
const PHONES = 5;

let up: Up;
let browser: Browser;
let owner: Page;
let boss: Page;
let problems: string[];
let phones: DeviceView[];

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${up.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${up.token}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as T;
  if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`);
  return answer;
}

/** By who is logged in on that page. */
async function asks<T>(page: Page, method: string, path: string, body?: unknown): Promise<T> {
  const response = await page.context().request.fetch(`${up.url}/api/v1${path}`, {
    method,
    headers: { origin: up.url },
    ...(body === undefined ? {} : { data: body }),
  });
  if (!response.ok()) throw new Error(`${path}: ${await response.text()}`);
  return response.json();
}

beforeAll(async () => {
  [up, browser] = await Promise.all([startUp({ virtual: PHONES }), startChromium()]);
  phones = await untilDevices(up, (all) => all.length === PHONES && all.every(({ state }) => state === "ready"));
  const made = await call<{ invitation: { link: string } }>("POST", "/tenants", {
    id: "acme",
    name: "Acme Games",
    owner: "bo@acme.example",
  });
  ({ page: owner } = await newPage(browser, up.console));
  ({ page: boss, problems } = await newPage(browser, made.invitation.link));
  await boss.getByLabel("Your name").fill("Bo");
  await boss.getByLabel("Choose a password").fill("another long pass phrase");
  await boss.getByRole("button", { name: "Make the account and join" }).click();
  await boss.locator("[data-device]").first().waitFor();
  // Who is not logged in yet is refused what the page asks for.
  problems.length = 0;
  const devices = phones.map(({ id }) => id);
  await asks(boss, "POST", "/leases", { devices, purpose: "a look at a shop" });
  const action = { type: "launch", package: BAZAAR };
  // One at a time is by hand; what hands did is in the log within ten seconds.
  await Promise.all(devices.map((id) => asks(boss, "POST", "/jobs", { devices: [id], action, agreed: true, wait: 10_000 })));
}, 120_000);
afterAll(async () => {
  await browser.close();
  await up.stop();
});

test("whom watching paused sees it above every page, appeals, and goes on once a person has cleared it", async () => {
  const flags = async () => (await call<{ waiting: number }>("GET", "/flags")).waiting;
  await expect.poll(flags, { timeout: 30_000 }).toBe(1);
  // A page that is open asks by itself now and then; one that is opened is told at once.
  await Promise.all([boss.reload(), owner.reload()]);
  const line = boss.getByText("The lab’s watching has paused something of your organisation: One app on many phones.");
  await line.waitFor();
  await boss.getByRole("link", { name: "See why" }).click();
  const theirs = boss.getByRole("article", { name: /^One app on many phones/ });
  await theirs.getByText("all of the organisation’s groups, scripts, adb and others’ apps").waitFor();
  await theirs.getByRole("button", { name: "Appeal" }).click();
  await theirs.getByRole("button", { name: "Appeal" }).click();
  await theirs.getByText("Say why, in at least three characters.").waitFor();
  await theirs.getByLabel("Why it is wrong").fill("a look at a shop before we build our own");
  await theirs.getByRole("button", { name: "Appeal" }).click();
  await theirs.getByText("appealed", { exact: true }).waitFor();
  expect(await theirs.getByRole("button", { name: "Decide" }).count()).toBe(0);

  await owner.getByRole("link", { name: "Admin 1 waits for a person" }).click();
  await owner.getByRole("link", { name: "Flags 1 waits for a person" }).click();
  const flag = owner.getByRole("article", { name: /^One app on many phones/ });
  await flag.getByText("Acme Games").waitFor();
  await flag.getByText(BAZAAR).waitFor();
  await flag
    .getByText(
      phones
        .map(({ name }) => name)
        .sort()
        .join(", "),
    )
    .waitFor({ timeout: 20_000 });
  await flag.getByText("a look at a shop before we build our own").waitFor();
  // The entry as the log has it, and its proof.
  await flag.getByRole("button", { name: `${PHONES} entries of the log` }).click();
  await flag
    .getByRole("button", { name: /^Entry \d+$/ })
    .first()
    .click();
  await flag.getByText('"kind": "hands"').waitFor();
  await flag.getByRole("button", { name: "Copy receipt" }).waitFor();

  await flag.getByRole("button", { name: "Decide" }).click();
  await flag.getByRole("button", { name: "Decide" }).click();
  await flag.getByText("Choose one of the two.").waitFor();
  await flag.getByLabel("It was nothing").click();
  await flag.getByLabel("Reason, which they read").fill("they told us what it was for");
  await flag.getByRole("button", { name: "Decide" }).click();
  await owner.getByText("Nothing to look at.").waitFor();
  await boss.reload();
  await boss.getByRole("cell", { name: "cleared" }).waitFor();
  await boss.getByRole("button", { name: /^Details of w-/ }).click();
  await boss.getByText("cleared by The lab").waitFor();
  await boss.getByText("they told us what it was for").waitFor();
  await boss.goto(up.url);
  await boss.locator("[data-device]").first().waitFor();
  expect(await line.count()).toBe(0);
  expect(problems).toEqual([]);
}, 90_000);
