/**
 * Privacy as people meet it, in Chromium: whoever sees a phone sees that its last minutes are kept; a member reads what is kept of them, takes it, and is erased.
 * The log verifies as before, and what their hands did cannot be replayed any more.
 */
import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newPage, startChromium } from "./chromium.js";
import { type DeviceView, run, startUp, type Up, untilDevices } from "./phonerack.js";

const GRACE = { name: "Grace Quickwater", email: "grace@lab.example", password: "another long pass phrase" };

let up: Up;
let browser: Browser;
let owner: Page;
let grace: Page;
let problems: string[];
let device: DeviceView;

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
async function asks(page: Page, method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await page.context().request.fetch(`${up.url}/api/v1${path}`, {
    method,
    headers: { origin: up.url },
    ...(body === undefined ? {} : { data: body }),
  });
  if (!response.ok()) throw new Error(`${path}: ${await response.text()}`);
  return response.json();
}

async function verified(
  ...words: string[]
): Promise<{ exit: number; findings: unknown[]; replayed: number; unreplayable: number; size: number }> {
  const { stdout } = await run("audit", "verify", "--data", up.data, "--json", ...words);
  return JSON.parse(stdout);
}

beforeAll(async () => {
  [up, browser] = await Promise.all([startUp({ virtual: 1 }), startChromium()]);
  [device] = (await untilDevices(up, (all) => all.length === 1 && all.every(({ state }) => state === "ready"))) as [DeviceView];
  ({ page: owner } = await newPage(browser, up.console));
  const { link } = await call<{ link: string }>("POST", "/invitations", { email: GRACE.email, role: "member" });
  ({ page: grace, problems } = await newPage(browser, link));
  await grace.getByLabel("Your name").fill(GRACE.name);
  await grace.getByLabel("Choose a password").fill(GRACE.password);
  await grace.getByRole("button", { name: "Make the account and join" }).click();
  await grace.locator("[data-device]").first().waitFor();
  // Who is not logged in yet is refused what the page asks for.
  problems.length = 0;
}, 120_000);
afterAll(async () => {
  await browser.close();
  await up.stop();
});

test("whoever sees a phone sees that its last minutes are kept, and what the lab keeps beside", async () => {
  await asks(grace, "POST", "/leases", { devices: [device.id], purpose: "a look" });
  for (let n = 0; n < 3; n++)
    await asks(grace, "POST", `/devices/${device.id}/input`, { actions: [{ type: "tap", x: 300, y: 700 }] });
  await asks(grace, "PUT", `/devices/${device.id}/recording`, { keepSeconds: 30 });
  // She who holds it on its page, and who only sees the wall.
  await grace.goto(`${up.url}/devices/${device.id}`);
  await grace.getByText("Last minutes are kept").waitFor();
  await grace.getByText("never what was typed").waitFor();
  await owner.locator("[data-device]").getByText("Last minutes are kept").waitFor({ state: "attached" });
  await asks(grace, "PUT", `/devices/${device.id}/recording`, { keepSeconds: 0 });
  await grace.getByText("Last minutes are kept").waitFor({ state: "detached" });
}, 60_000);

test("a member reads what is kept, takes it as a file, and is erased; the log verifies as before", async () => {
  await grace.getByRole("link", { name: "What is kept of me" }).click();
  const row = (kind: string) => grace.getByRole("row").filter({ hasText: kind }).getByRole("cell").last();
  await expect.poll(() => row("Which phone, when").textContent()).toBe("1");
  await expect
    .poll(async () => await grace.reload().then(() => row("Kind and app of each touch").textContent()), { timeout: 30_000 })
    .not.toBe("0");
  const [download] = await Promise.all([
    grace.waitForEvent("download"),
    grace.getByRole("button", { name: "Download what is kept" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("what-is-kept-of-me.json");
  const data = JSON.parse(await readFile(await download.path(), "utf8"));
  expect(data.person).toMatchObject({ name: GRACE.name, email: GRACE.email });
  expect(data.hands.flatMap(({ decisions }: { decisions: unknown[] }) => decisions)).toHaveLength(3);
  const before = await verified("--replay");
  expect(before).toMatchObject({ exit: 0, findings: [], unreplayable: 0 });

  expect(problems).toEqual([]);
  await grace.getByRole("button", { name: "Erase my account" }).click();
  const sure = grace.getByRole("button", { name: "Erase for good" });
  await grace.getByRole("textbox", { name: "to say that you mean it" }).fill("somebody@else.example");
  expect(await sure.isDisabled()).toBe(true);
  await grace.getByRole("textbox", { name: "to say that you mean it" }).fill(GRACE.email);
  await sure.click();
  await grace.getByText(/^You are erased/).waitFor();
  // The session has ended with it, and the console has heard so: what came of it stands until it is left.
  await grace.getByRole("button", { name: "Leave" }).click();
  await grace.getByRole("heading", { name: "Log in to phonerack" }).waitFor();

  await owner.goto(`${up.url}/admin/people`);
  await owner.getByRole("cell", { name: "Owner" }).first().waitFor();
  expect(await owner.getByText(GRACE.name).count()).toBe(0);
  const { items } = await call<{ items: { actorName: string; phase: string }[] }>("GET", "/leases");
  expect(items).toEqual([expect.objectContaining({ actorName: "erased", phase: "ended" })]);
  const after = await verified();
  expect(after).toMatchObject({ exit: 0, findings: [] });
  expect(after.size).toBeGreaterThan(before.size);
  // Nothing is found against it, but what cannot be replayed is not called clean.
  const replayed = await verified("--replay");
  expect(replayed).toMatchObject({ exit: 1, findings: [] });
  expect(replayed.unreplayable).toBeGreaterThanOrEqual(3);
  // Once they are nobody, their page is refused what it asks for.
  expect(problems.filter((text) => !/status of 401|WebSocket connection/.test(text))).toEqual([]);
}, 90_000);

test("the lab's owner sees how long each kind is kept, and says it", async () => {
  await owner.getByRole("link", { name: "Privacy" }).click();
  await owner.getByLabel("Events (days)").fill("400");
  await owner.getByText("deleted within the hour").waitFor();
  await owner.getByRole("button", { name: "Save" }).click();
  await owner.getByRole("row").filter({ hasText: "What was done by whom" }).getByText("400 days").waitFor();
  expect((await call<{ days: unknown }>("GET", "/privacy")).days).toMatchObject({ events: 400, leases: 730 });
}, 30_000);
