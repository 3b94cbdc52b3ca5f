/**
 * What waits for a person, in Chromium: an organisation is given a tier once what is missing for it was entered; watching flags somebody who goes on after the gate
 * said no, who sees the pause and appeals, and a person of the lab decides; a platform asks about an address of the lab and is answered.
 */
import { generateKeyPairSync } from "node:crypto";
import { buildApk } from "@phonerack/apk";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newPage, startChromium } from "./chromium.js";
import { type DeviceView, startUp, type Up, untilDevices } from "./phonerack.js";

const BAZAAR = "com.example.bazaar";
const PHONES = 3;
/** The gate lets 20 through in an hour; beyond 40 that it denies somebody is to look. */
const TAPS = 70;

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
  // One phone at a time is by hand. On two of a day others' apps may be tried; on the third it is a budget, and then the gate says no.
  const wait = 10_000;
  for (const id of devices) await asks(boss, "POST", "/jobs", { devices: [id], action, agreed: true, wait });
  const tap = { actions: [{ type: "tap", x: 300, y: 900 }] };
  const push = () => asks(boss, "POST", `/devices/${devices.at(-1)}/input`, tap);
  for (let n = 0; n < TAPS; n += 10) await Promise.allSettled(Array.from({ length: 10 }, push));
}, 120_000);
afterAll(async () => {
  await browser.close();
  await up.stop();
});

test("an organisation sees what is missing for the next tier, and a person of the lab gives it once that is there", async () => {
  await boss.goto(`${up.url}/admin/organisation`);
  const missing = (page: Page, what: string) => page.getByText(`Missing for T1: ${what}`).waitFor();
  await missing(boss, "Verified organisation, E-mail domain of an owner, An app proved to be theirs");
  expect(await boss.getByRole("link", { name: "Organisations" }).count()).toBe(0);
  await ownApp();
  await owner.goto(`${up.url}/admin/organisations`);
  await owner.getByRole("button", { name: "Manage Acme Games" }).click();
  await missing(owner, "Verified organisation, E-mail domain of an owner");
  const facts = owner.getByRole("form", { name: "What it rests on" });
  await facts.getByLabel("How it was verified").fill("contract 2026-17");
  await facts.getByLabel("Domain of its owners’ e-mail").fill("acme");
  await facts.getByLabel("Responsible person").fill("Bo Ek");
  await facts.getByRole("button", { name: "Save" }).click();
  await facts.getByText("A domain, e.g. acme.example.").waitFor();
  await facts.getByText("This too, or neither.").waitFor();
  await facts.getByLabel("Domain of its owners’ e-mail").fill("acme.example");
  await facts.getByLabel("Their e-mail").fill("bo@acme.example");
  await facts.getByRole("button", { name: "Save" }).click();
  await owner.getByText("Nothing is missing for T1: it can be given.").waitFor();
  await owner.getByText("Give a tier").click();
  const give = owner.getByRole("form", { name: "Give a tier" });
  expect(await give.getByLabel("Tier").inputValue()).toBe("T1");
  await give.getByRole("button", { name: "Give T1" }).click();
  await give.getByText("At least three characters.").waitFor();
  await give.getByLabel("Reason, for the log").fill("met them");
  await give.getByRole("button", { name: "Give T1" }).click();
  await owner.getByText("Missing for T2: Extract of a register, Declaration of use, An operator’s own name").waitFor();
  await boss.reload();
  await boss.getByText("0 of 5").waitFor();
}, 60_000);

test("the lab says who it is and which addresses are its own; a platform that asks about one is answered in the page", async () => {
  await owner.goto(`${up.url}/admin/cases`);
  await owner.getByText("Nobody has asked.").waitFor();
  await owner.getByRole("button", { name: "Say it" }).click();
  const face = owner.getByRole("form", { name: "Who runs the lab" });
  await face.getByLabel("Run by").fill("Acme Device Lab");
  await face.getByLabel("Complaints to").fill("abuse at lab");
  await face.getByRole("button", { name: "Save" }).click();
  await face.getByText("An e-mail address, e.g. abuse@lab.example.").waitFor();
  await face.getByLabel("Complaints to").fill("abuse@lab.example");
  await face.getByRole("button", { name: "Save" }).click();
  await owner.getByText("abuse@lab.example").waitFor();
  await owner.getByRole("button", { name: "Say which they are" }).click();
  const addresses = owner.getByLabel("All that there are to be, one a line");
  await addresses.fill("10.0.0.0/24");
  await owner.getByText("10.0.0.0/24: it lies in 10.0.0.0/8").waitFor();
  expect(await owner.getByRole("button", { name: "Announce" }).isDisabled()).toBe(true);
  await addresses.fill("81.2.69.0/28");
  await owner.getByRole("button", { name: "Announce" }).click();
  await owner.getByRole("dialog").getByRole("button", { name: "Announce" }).click();
  await owner.getByRole("row").filter({ hasText: "81.2.69.0/28" }).getByText("in force").waitFor();
  const said = (await (await fetch(`${up.url}/.well-known/phonerack.json`)).json()) as object;
  expect(said).toMatchObject({ operator: "Acme Device Lab", egress: { prefixes: [{ prefix: "81.2.69.0/28" }] } });

  type Opened = { case: { id: string; token: string } };
  const question = { ip: "81.2.69.3", time: Date.now(), message: "200 log-ins within a minute", contact: "soc@platform.example" };
  const { case: opened } = await call<Opened>("POST", "/abuse/lookup", question);
  await owner.reload();
  await owner.getByRole("link", { name: "Cases 1 waits for a person" }).waitFor();
  const asked = owner.getByRole("article", { name: `Case ${opened.id}` });
  await asked.getByText("200 log-ins within a minute").waitFor();
  await asked.getByText("answer within 3 days").waitFor();
  await asked
    .getByRole("row")
    .filter({ hasText: "Acme Games" })
    .getByText(/^r-[0-9a-f]{20}$/)
    .waitFor();
  await asked.getByRole("button", { name: "Answer" }).click();
  await asked.getByText("Write an answer first.").waitFor();
  await asked.getByLabel("Answer, which they read").fill("A tenant’s test of a shop; it is over.");
  await asked.getByLabel("Close the case").check();
  await asked.getByRole("button", { name: "Answer and close" }).click();
  await owner.getByText("No case waits for an answer.").waitFor();
  const followed = await call("POST", `/abuse/cases/${opened.id}/follow`, { token: opened.token });
  expect(followed).toMatchObject({
    state: "closed",
    messages: [{ by: "asker" }, { by: "lab", text: expect.stringContaining("it is over") }],
  });
  await boss.goto(`${up.url}/admin/cases`);
  await boss.getByText("Your role does not open this page.").waitFor();
  expect(await boss.getByRole("link", { name: "Cases" }).count()).toBe(0);
}, 60_000);

/** An app that somebody of the lab knows to be theirs. */
async function ownApp(): Promise<void> {
  const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const uploaded = await boss.context().request.post(`${up.url}/api/v1/apps`, {
    headers: { origin: up.url, "content-type": "application/vnd.android.package-archive" },
    data: Buffer.from(buildApk({ package: "com.example.acme", label: "Acme" }, keys)),
  });
  const { id } = (await uploaded.json()) as { id: string };
  await call("POST", `/apps/${id}/approval`, { reason: "contract 17, we know them" });
}

test("whom watching paused sees it above every page, appeals, and goes on once a person has cleared it", async () => {
  const flags = async () => (await call<{ waiting: number }>("GET", "/flags")).waiting;
  await expect.poll(flags, { timeout: 30_000 }).toBe(1);
  // A page that is open asks by itself now and then; one that is opened is told at once.
  await Promise.all([boss.reload(), owner.reload()]);
  const line = boss.getByText("The lab’s watching has paused something of your organisation: Beyond the hand budget.");
  await line.waitFor();
  await boss.getByRole("link", { name: "See why" }).click();
  const theirs = boss.getByRole("article", { name: /^Beyond the hand budget/ });
  await theirs.getByText("this lease’s groups, scripts, adb and others’ apps").waitFor();
  await theirs.getByRole("button", { name: "Appeal" }).click();
  await theirs.getByRole("button", { name: "Appeal" }).click();
  await theirs.getByText("Say why, in at least three characters.").waitFor();
  await theirs.getByLabel("Why it is wrong").fill("a look at a shop before we build our own");
  await theirs.getByRole("button", { name: "Appeal" }).click();
  await theirs.getByText("appealed", { exact: true }).waitFor();
  expect(await theirs.getByRole("button", { name: "Decide" }).count()).toBe(0);

  await owner.getByRole("link", { name: "Admin 1 waits for a person" }).click();
  await owner.getByRole("link", { name: "Flags 1 waits for a person" }).click();
  const flag = owner.getByRole("article", { name: /^Beyond the hand budget/ });
  await flag.getByText("Acme Games").waitFor();
  await flag.getByRole("link", { name: phones.at(-1)?.name ?? "" }).waitFor();
  await flag.getByText("flagged beyond 40").waitFor();
  await flag.getByText("a look at a shop before we build our own").waitFor();
  // The entry as the log has it, and its proof.
  await flag.getByRole("button", { name: /^\d+ entries of the log$/ }).click();
  await flag
    .getByRole("row")
    .filter({ hasText: `tap denied in ${BAZAAR}` })
    .first()
    .getByRole("button")
    .click({ timeout: 15_000 });
  await flag.getByText('"rule": "hand-hourly"').waitFor();
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
