/**
 * `node scripts/look.mjs [FOLDER]`: opens every page of the console in Chromium, at three sizes of window, light and dark, with 0, 20 and 1,000
 * phones, and writes the pictures to FOLDER (a new one in the system's temporary folder when none is given). For looking at before saying done.
 *
 *   --devices 0,20   only these numbers of phones
 *   --pages a,b      only pages whose name begins so
 *   --picture FILE   instead: the README's picture of the wall, 20 phones, written to FILE as PNG
 *
 * The phones are virtual ones of `phonerack up`, started and stopped here; nothing is mocked.
 */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { fillRegister, startBoards } from "./look-register.mjs";
import { fillWaiting, waitingPages } from "./look-waiting.mjs";
import { findProgram, main, SetupError } from "./packages.mjs";

// The tests' own; scripts have no dependencies.
const { chromium } = createRequire(new URL("../e2e/package.json", import.meta.url))("playwright-core");

const SIZES = [
  [1440, 900],
  [1280, 720],
  [390, 844],
];
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"];
const PHONERACK = resolve(import.meta.dirname, "../packages/cli/bin/phonerack.js");

main(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      devices: { type: "string", default: "0,20,1000" },
      pages: { type: "string", default: "" },
      picture: { type: "string" },
    },
  });
  const program = findProgram("chromium") ?? findProgram("google-chrome");
  if (!program) throw new SetupError("Chromium was not found; install it (Debian: sudo apt-get install chromium).");
  const browser = await chromium.launch({ executablePath: program, args: FLAGS });
  try {
    if (values.picture) return await takePicture(browser, values.picture);
    const folder = positionals[0] ?? (await mkdtemp(join(tmpdir(), "phonerack-look-")));
    await mkdir(folder, { recursive: true });
    const wanted = values.pages.split(",");
    for (const count of values.devices.split(",").map(Number)) {
      if (wanted.some((start) => !start.startsWith("register"))) await look(browser, { folder, count, wanted });
      if (count > 0 && wanted.some((start) => "register".startsWith(start) || start.startsWith("register")))
        await lookAtRegister(browser, { folder, count, wanted });
    }
    console.log(folder);
  } finally {
    await browser.close();
  }
});

async function look(browser, { folder, count, wanted }) {
  const up = await start(count);
  try {
    up.tenant = count >= 20 ? (await fillWaiting(up, await lastPhones(up))).acme : undefined;
    up.held = count > 0 ? await takeSome(up) : [];
    up.group = count > 0 ? await driveSome(up) : undefined;
    up.job = count > 0 ? await workOnSome(up) : undefined;
    for (const [width, height] of SIZES) {
      for (const colorScheme of ["light", "dark"]) {
        const page = await openPage(browser, up, { viewport: { width, height }, colorScheme });
        const shoot = async (name) => {
          await page.screenshot({ path: join(folder, `${name}-${count}-${width}x${height}-${colorScheme}.png`) });
        };
        await settle(page, count);
        await shoot("wall");
        for (const [name, visit] of pagesOf(up, { count, narrow: width < 900 })) {
          if (!wanted.some((start) => name.startsWith(start))) continue;
          await visit(page);
          await page.waitForTimeout(1_500);
          await shoot(name);
        }
        await page.context().clearCookies();
        await page.goto(up.url);
        await page.waitForTimeout(1_500);
        await shoot("log-in");
        await page.context().close();
      }
    }
  } finally {
    await up.stop();
  }
}

/** A lab of its own: the register is about phones that are on a network, and virtual ones are not. */
async function lookAtRegister(browser, { folder, count, wanted }) {
  const boards = await startBoards(PHONERACK, count);
  const up = await start(Math.min(count, 20), boards.words, count).catch(async (error) => {
    await boards.stop();
    throw error;
  });
  try {
    const label = await (await browser.newPage({ viewport: { width: 320, height: 200 } })).screenshot();
    const { open, first } = await fillRegister(up, label);
    for (const [width, height] of SIZES) {
      for (const colorScheme of ["light", "dark"]) {
        const page = await openPage(browser, up, { viewport: { width, height }, colorScheme });
        await page.waitForTimeout(1_000);
        for (const [name, visit] of registerPages(up, { open, first })) {
          if (!wanted.some((start) => name.startsWith(start))) continue;
          await visit(page);
          await page.waitForTimeout(1_500);
          await page.screenshot({ path: join(folder, `${name}-${count}-${width}x${height}-${colorScheme}.png`) });
        }
        await page.context().close();
      }
    }
  } finally {
    await up.stop();
    await boards.stop();
  }
}

function registerPages(up, { open, first }) {
  const at = `${up.url}/admin/register`;
  const dialog = (button) => async (page) => {
    await page.goto(at);
    await page.getByRole("button", { name: button }).click();
  };
  const file = (text) => async (page) => {
    await dialog("Import")(page);
    await page.locator("input[type=file]").setInputFiles({ name: "phones.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
  };
  return Object.entries({
    register: (page) => page.goto(at),
    "register-isolated": (page) => page.goto(`${at}?class=isolated&site=Shenzhen`),
    "register-ending": (page) => page.goto(`${at}?ends=14`),
    "register-none": (page) => page.goto(`${at}?q=nothing`),
    "register-record": (page) => page.goto(`${at}?device=${open}`),
    "register-evidence": async (page) => {
      await page.goto(`${at}?device=${first}`);
      await page.getByRole("heading", { name: "Looked up" }).scrollIntoViewIfNeeded();
    },
    "register-import": dialog("Import"),
    "register-preview": file(`device,marketName,nal.expires\n${first},Lab phone 2,2020-01-31\n${open},Lab phone,2031-01-31\n`),
    "register-refused": file(`device,imei1,colour\n${first},12x,\nnobody,864725048031204,red\n`),
    "register-schemes": dialog("Licences asked for"),
    "register-device": (page) => page.goto(`${up.url}/devices/${open}`),
  });
}

/** Every page and state that can be opened, by name. */
function pagesOf(up, { count, narrow }) {
  const pages = [
    ["palette", (page) => page.keyboard.press("Control+k")],
    ["racks", (page) => page.goto(`${up.url}/racks`)],
    ["leases", (page) => page.goto(`${up.url}/leases`)],
    ["groups", (page) => page.goto(`${up.url}/groups`)],
    ["apps", (page) => page.goto(`${up.url}/apps`)],
    ["jobs", (page) => page.goto(`${up.url}/jobs`)],
    ["settings", (page) => page.goto(`${up.url}/settings`)],
    ["account", (page) => page.goto(`${up.url}/account`)],
    ["account-kept", (page) => page.goto(`${up.url}/account/kept`)],
    ...["people", "organisations", "flags", "cases", "sign-on", "hosts", "register", "log", "privacy"].map((part) => [
      `admin-${part}`,
      (page) => page.goto(`${up.url}/admin/${part}`),
    ]),
    ["terminal", (page) => page.goto(`${up.url}/device`)],
    ["invitation", (page) => page.goto(`${up.url}/invite/${"x".repeat(32)}`)],
    ["missing", (page) => page.goto(`${up.url}/nothing/here`)],
    ["no-phone", (page) => page.goto(`${up.url}/devices/d-none`)],
  ];
  if (up.tenant) pages.push(...waitingPages(up));
  if (count === 0) return pages;
  return [
    [
      "device",
      (page) => (narrow ? page.locator("[data-device]").first().click() : page.locator("[data-device]").first().dblclick()),
    ],
    ["device-yours", (page) => page.goto(`${up.url}/devices/${up.held[0]}`)],
    [
      "lease",
      async (page) => {
        await page.goto(`${up.url}/leases`);
        await page
          .locator(narrow ? "[data-phase=active]" : "[data-tone=mine]")
          .first()
          .click();
      },
    ],
    ...groupPages(up),
    ...workPages(up),
    [
      "take",
      async (page) => {
        await page.goto(`${up.url}/leases`);
        await page.getByRole("button", { name: "Take phones" }).click();
      },
    ],
    ...wallPages(up),
    ...(narrow ? [] : [["focus", async (page) => page.goto(`${up.url}/?focus=${await firstDevice(up)}`)]]),
    ...pages,
  ];
}

async function lastPhones(up) {
  const { items } = await (await ask(up, "/devices?limit=1000")).json();
  return items.slice(-9).map(({ id }) => id);
}

function groupPages(up) {
  return [
    ["group-new", (page) => page.goto(`${up.url}/groups/new`)],
    ["group", (page) => page.goto(`${up.url}/groups/${up.group}`)],
    ["group-stray", (page) => page.goto(`${up.url}/groups/${up.group}?phone=${up.held[1]}`)],
    [
      "group-step",
      async (page) => {
        await page.goto(`${up.url}/groups/${up.group}`);
        await page.locator("[aria-label=Steps] [aria-expanded]").first().click();
      },
    ],
    [
      "app",
      async (page) => {
        await page.goto(`${up.url}/apps`);
        await page.locator("main [aria-expanded=false]").first().click();
      },
    ],
  ];
}

/** What is done on phones: jobs, what came of them, and the dialogs that ask what exactly, opened on what is selected. */
function workPages(up) {
  const onSelected = (name) => async (page) => {
    await select(page, up);
    await page.locator("[data-device]").nth(1).click({ button: "right" });
    await page.getByRole("menuitem", { name }).click();
  };
  return [
    ["job", (page) => page.goto(`${up.url}/jobs/${up.job}`)],
    ["job-phone", (page) => page.goto(`${up.url}/jobs/${up.job}?phone=${up.held[0]}`)],
    ...["apps", "files", "shell", "logs", "records"].map((side) => [
      `device-${side}`,
      (page) => page.goto(`${up.url}/devices/${up.held[0]}?side=${side}`),
    ]),
    ["work-install", onSelected(/^Install on/)],
    ["work-run", onSelected(/^Run a command/)],
    ["work-settings", onSelected(/^Settings of/)],
    ["work-files", onSelected(/^Files of/)],
  ];
}

async function select(page, up) {
  await page.goto(`${up.url}/`);
  await page.locator("[data-device]").nth(1).waitFor();
  await page
    .locator("[data-device]")
    .first()
    .click({ modifiers: ["Control"] });
  await page
    .locator("[data-device]")
    .nth(5)
    .click({ modifiers: ["Shift"] });
}

function wallPages(up) {
  return [
    ["no-match", (page) => page.goto(`${up.url}/?q=nothing`)],
    ["selected", (page) => select(page, up)],
    ["small", (page) => page.goto(`${up.url}/?size=20`)],
    ["large", (page) => page.goto(`${up.url}/?size=280`)],
    ["by-rack", (page) => page.goto(`${up.url}/?group=rack`)],
    ["by-model", (page) => page.goto(`${up.url}/?group=model`)],
  ];
}

async function takePicture(browser, file) {
  const up = await start(20);
  try {
    const page = await openPage(browser, up, { viewport: { width: 1280, height: 720 }, colorScheme: "dark" });
    await settle(page, 20);
    await takeAll(up);
    await playSomething(up);
    await page.goto(`${up.url}/?focus=${await firstDevice(up)}`);
    await settle(page, 20);
    await page.waitForTimeout(2_000);
    await page.screenshot({ path: file });
  } finally {
    await up.stop();
  }
}

/** Nobody touches what they do not hold. */
async function takeAll(up) {
  const { items } = await (await ask(up, "/devices?limit=100")).json();
  await ask(up, "/leases", { method: "POST", body: JSON.stringify({ devices: items.map(({ id }) => id) }) });
}

/** Different things on the phones, so that the picture shows that they are twenty. */
async function playSomething(up) {
  const { items } = await (await ask(up, "/devices?limit=100")).json();
  await ask(up, "/leases", { method: "POST", body: JSON.stringify({ devices: items.map(({ id }) => id) }) });
  await Promise.all(
    items.map(({ id, screen, slot }) => {
      const column = [0.14, 0.38, 0.62, 0.86][(slot + 1) % 4];
      const actions = slot % 3 === 0 ? [] : [{ type: "tap", x: screen.width * column, y: screen.height * 0.785 }];
      if (actions.length === 0) return undefined;
      return ask(up, `/devices/${id}/input`, { method: "POST", body: JSON.stringify({ actions }) });
    }),
  );
}

/** What a lab looks like in use: a chassis half held, one lease about to end, one booked, one that waits, one given back and one kicked. */
async function takeSome(up) {
  const { items } = await (await ask(up, "/devices?limit=1000")).json();
  const ids = items.map(({ id }) => id);
  const minutes = (count) => Date.now() + count * 60_000;
  const lease = async (wanted) => {
    const reply = await ask(up, "/leases", { method: "POST", body: JSON.stringify(wanted) });
    if (!reply.ok) throw new SetupError(`a lease was refused: ${await reply.text()}`);
    return (await reply.json()).id;
  };
  await lease({ devices: ids.slice(0, 5), until: minutes(180), purpose: "Notes 2.4, regression", idleMinutes: null });
  await lease({ devices: ids.slice(5, 7), until: minutes(4.9), purpose: "a crash in Blocks" });
  await lease({ devices: ids.slice(10, 14), from: minutes(120), until: minutes(240), purpose: "nightly run" });
  const back = await lease({ devices: ids.slice(8, 9), purpose: "a look" });
  await ask(up, `/leases/${back}/release`, { method: "POST", body: "{}" });
  const kicked = await lease({ devices: ids.slice(9, 10), purpose: "demo" });
  await ask(up, `/leases/${kicked}/kick`, { method: "POST", body: JSON.stringify({ reason: "The rack is moved at noon." }) });
  // Last: what is free is kept for who waits.
  await lease({ where: {}, count: ids.length, wait: true, purpose: "soak test" });
  return ids;
}

/** Five phones driven together: Notes opened on all, and one that goes astray by itself. */
async function driveSome(up) {
  const done = async (path, what) => {
    const reply = await ask(up, path, { method: "POST", body: JSON.stringify(what) });
    if (!reply.ok) throw new SetupError(`${path} was refused: ${await reply.text()}`);
    return reply.json();
  };
  const devices = up.held.slice(0, 5);
  const { id } = await done("/groups", { devices, name: "Notes 2.4, regression", agreeToFence: true });
  await done(`/groups/${id}/steps`, { step: { type: "launch", package: "dev.phonerack.notes" }, wait: 30_000 });
  await done(`/devices/${devices[1]}/input`, { actions: [{ type: "key", key: "HOME" }] });
  await done(`/groups/${id}/steps`, { step: { type: "tap", at: { id: "add" } }, wait: 30_000 });
  return id;
}

/** A command that says one thing on most phones and another on the rest, and fails on the smaller ones. */
async function workOnSome(up) {
  const command = "getprop ro.build.version.release; [ $(getprop ro.build.version.sdk) -gt 30 ]";
  const action = { type: "shell", command };
  const reply = await ask(up, "/jobs", {
    method: "POST",
    body: JSON.stringify({ devices: up.held.slice(0, 7), action, agreed: true, wait: 60_000 }),
  });
  if (!reply.ok) throw new SetupError(`the job was refused: ${await reply.text()}`);
  return (await reply.json()).id;
}

async function firstDevice(up) {
  const { items } = await (await ask(up, "/devices?limit=100")).json();
  return items.find(({ screen }) => screen?.height / screen?.width > 2)?.id ?? items[0]?.id;
}

function ask({ url, token }, path, init = {}) {
  const headers = { authorization: `Bearer ${token}`, ...(init.body ? { "content-type": "application/json" } : {}) };
  return fetch(`${url}/api/v1${path}`, { ...init, headers });
}

async function openPage(browser, up, options) {
  const { link } = await (await ask(up, "/session/link", { method: "POST" })).json();
  const page = await (await browser.newContext(options)).newPage();
  page.on("pageerror", (error) => console.error(`${page.url()}: ${error.message}`));
  page.on("console", (message) => message.type() === "error" && console.error(`${page.url()}: ${message.text()}`));
  await page.goto(link);
  return page;
}

/** Waits for the phones in view to be there, at most 30 s: a picture of a wall that still waits is worth a look too. */
async function settle(page, count) {
  const live = page.locator("[data-device][data-picture=live]");
  const wanted = Math.min(count, 8);
  for (let tries = 0; tries < 60 && (await live.count()) < wanted; tries++) await page.waitForTimeout(500);
  await page.waitForTimeout(1_500);
}

/** `phonerack up` with so many virtual phones and so many others, of which further words tell, when all of them are ready. */
async function start(count, more = [], others = 0) {
  const data = await mkdtemp(join(tmpdir(), "phonerack-look-data-"));
  const words = ["up", "--port", "0", "--data", data, "--virtual", String(count), "--no-adb", "--json", ...more];
  const child = spawn(process.execPath, [PHONERACK, ...words], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise((done) => child.once("close", done));
  const stop = async () => {
    child.kill("SIGTERM");
    await exited;
    await rm(data, { recursive: true, force: true });
  };
  const line = await Promise.race([
    new Promise((done) => createInterface({ input: child.stdout }).once("line", done)),
    exited.then(() => undefined),
  ]);
  if (line === undefined) throw new SetupError("phonerack did not start; what it said stands above.");
  const up = { ...JSON.parse(line), stop };
  for (let tries = 0; tries < 240; tries++) {
    const { devices } = await (await ask(up, "/health")).json();
    const { items } = await (await ask(up, "/devices?state=ready&limit=1000")).json();
    if (devices >= count + others && items.length >= count + others) break;
    await new Promise((done) => setTimeout(done, 500));
  }
  return up;
}
