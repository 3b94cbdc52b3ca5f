/**
 * Accounts as people use them, in Chromium: in by the printed link, credentials set, out and in again by password, second factor, backup code
 * and passkey; somebody invited who may only watch; a log-in ended from elsewhere, whose live picture stops at once.
 */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newPage, startChromium } from "./chromium.js";
import { type DeviceView, startUp, type Up, untilDevices } from "./phonerack.js";
import { totp } from "./totp.js";

const EMAIL = "ada@lab.example";
const PASSWORD = "correct horse battery staple";
const VIEWER = { email: "grace@lab.example", password: "another long pass phrase" };

let up: Up;
/** By its name: browsers bind passkeys to names and give none to an IP address. */
let url: string;
let browser: Browser;
let device: DeviceView;
let page: Page;
let problems: string[];
/** Real passwords are hashed slowly on purpose, on a machine that does other things too. */
const SLOW = { timeout: 90_000 };
/** Of the owner's authenticator, once there is one. */
let secret = "";
let backupCodes: string[] = [];

beforeAll(async () => {
  [up, browser] = await Promise.all([startUp({ virtual: 2 }), startChromium()]);
  const devices = await untilDevices(up, (all) => all.length === 2 && all.every(({ state }) => state === "ready"), 60_000);
  device = devices[0] as DeviceView;
  url = up.url.replace("127.0.0.1", "localhost");
  ({ page, problems } = await newPage(browser, up.console.replace("127.0.0.1", "localhost")));
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await up?.stop();
});

const logInPage = (on: Page) => on.getByRole("heading", { name: "Log in to phonerack" });
const wall = (on: Page) => on.locator("[data-device]").first();

async function logOut(on: Page): Promise<void> {
  await on.getByRole("button", { name: /account and organisation/ }).click();
  await on.getByRole("menuitem", { name: "Log out" }).click();
  await logInPage(on).waitFor();
}

async function enterPassword(on: Page, who: { email: string; password: string }): Promise<void> {
  await on.getByLabel("E-mail").fill(who.email);
  await on.getByRole("textbox", { name: "Password" }).fill(who.password);
  await on.getByRole("button", { name: "Log in", exact: true }).click();
}

async function enterCode(on: Page, label: "Code" | "Backup code", code: string): Promise<void> {
  await on.getByRole("textbox", { name: label }).fill(code);
  await on.getByRole("button", { name: "Log in", exact: true }).click();
}

describe("the owner's own account", () => {
  test("begins with the printed link and asks, calmly, for a way back", SLOW, async () => {
    await wall(page).waitFor();
    await page.getByText("so that you can come back without a link").waitFor();
    await page.getByRole("link", { name: "Set it now" }).click();
    await page.getByLabel("Name").fill("Ada Lovelace");
    await page.getByLabel("E-mail").fill(EMAIL);
    await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await page.getByRole("button", { name: "Set e-mail and password" }).click();
    await page.getByRole("button", { name: "Change the password" }).waitFor();
    await page.getByRole("link", { name: "Wall" }).click();
    await wall(page).waitFor();
    expect(await page.getByText("so that you can come back without a link").count()).toBe(0);
  });

  test("is left, and entered again with the password; a wrong one is refused in words", SLOW, async () => {
    await logOut(page);
    await enterPassword(page, { email: EMAIL, password: "not the right one" });
    await page.getByText("E-mail, password or code are wrong").waitFor();
    await enterPassword(page, { email: EMAIL, password: PASSWORD });
    await wall(page).waitFor();
  });

  test("gets a second factor: the authenticator's first code turns it on", SLOW, async () => {
    await page.goto(`${url}/account`);
    await page.getByRole("button", { name: "Turn on" }).click();
    await page.getByRole("textbox", { name: "Password now" }).fill("not the right one");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText("E-mail, password or code are wrong").waitFor();
    await page.getByRole("textbox", { name: "Password now" }).fill(PASSWORD);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("img", { name: /QR code/ }).waitFor();
    [secret = "", backupCodes = []] = await page
      .locator("code")
      .allTextContents()
      .then((codes) => {
        const keys = codes.filter((text) => /^[A-Z2-7]{16,}$/.test(text));
        return [keys[0], codes.find((text) => text.includes("-") && text.split(" ").length > 5)?.split(" ")];
      });
    expect(secret).not.toBe("");
    await page.getByLabel(/Enter the six digits/).fill(totp(secret));
    await page.getByRole("button", { name: "Turn it on" }).click();
    await page.getByRole("button", { name: "Turn off" }).waitFor();
  });

  test("is entered with password and code, not with a wrong code, and with a backup code once", SLOW, async () => {
    await logOut(page);
    await enterPassword(page, { email: EMAIL, password: PASSWORD });
    await enterCode(page, "Code", "000000");
    await page.getByText("E-mail, password or code are wrong").waitFor();
    await enterCode(page, "Code", totp(secret));
    await page.getByRole("button", { name: /account and organisation/ }).waitFor();

    for (const outcome of ["let in", "refused"] as const) {
      await logOut(page);
      await enterPassword(page, { email: EMAIL, password: PASSWORD });
      await page.getByRole("button", { name: "Use a backup code instead" }).click();
      await enterCode(page, "Backup code", backupCodes[0] ?? "");
      if (outcome === "let in") await page.getByRole("button", { name: /account and organisation/ }).waitFor();
      else await page.getByText("E-mail, password or code are wrong").waitFor();
    }
    await page.getByRole("button", { name: "Use the authenticator instead" }).click();
    await enterCode(page, "Code", totp(secret));
    await page.getByRole("button", { name: /account and organisation/ }).waitFor();
  });

  test("takes a passkey, and is entered with it alone", SLOW, async () => {
    const authenticator = await page.context().newCDPSession(page);
    await authenticator.send("WebAuthn.enable");
    await authenticator.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await page.goto(`${url}/account`);
    await page.getByRole("textbox", { name: "What to call it" }).fill("Test laptop");
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await page.getByText("Test laptop").waitFor();
    await logOut(page);
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await page.getByRole("heading", { name: "Account" }).waitFor();
    await page.getByText("Test laptop").waitFor();
  });
});

describe("somebody who is invited to watch", () => {
  let viewer: Page;
  afterAll(() => viewer?.context().close());

  test("is invited by a link, makes an account with it, and is among the people", SLOW, async () => {
    await page.goto(`${url}/admin/people`);
    await page.getByRole("button", { name: "Invite somebody" }).click();
    await page.getByLabel("E-mail").fill(VIEWER.email);
    await page.getByLabel("Role", { exact: true }).selectOption("viewer");
    await page.getByRole("button", { name: "Make an invitation" }).click();
    const link = (await page.locator("code", { hasText: "/invite/" }).textContent()) ?? "";
    ({ page: viewer } = await newPage(browser, link));
    await viewer.getByRole("heading", { name: "Join Lab" }).waitFor();
    await viewer.getByLabel("Your name").fill("Grace Hopper");
    await viewer.getByRole("textbox", { name: "Choose a password" }).fill(VIEWER.password);
    await viewer.getByRole("button", { name: "Make the account and join" }).click();
    await wall(viewer).waitFor();
    await page.reload();
    await page.getByLabel("Role of Grace Hopper").waitFor();

    const again = await newPage(browser, link);
    await again.page.getByText("This invitation was used, withdrawn or has expired").waitFor();
    await again.page.context().close();
  });

  test("sees the phone that the organisation holds, and cannot touch it", SLOW, async () => {
    await page.goto(`${url}/devices/${device.id}`);
    await page.getByRole("button", { name: /^Take/ }).first().click();
    await page.locator("[class*=glass][data-picture=live]").first().waitFor({ timeout: 20_000 });

    await viewer.goto(`${url}/devices/${device.id}`);
    await viewer.locator("[class*=glass][data-picture=live]").first().waitFor({ timeout: 20_000 });
    expect(await viewer.getByRole("button", { name: /^(Take|Release)/ }).count()).toBe(0);
    const refused = await viewer.evaluate(async (id) => {
      const post = async (path: string, body: object) => {
        const response = await fetch(`/api/v1${path}`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        });
        return `${response.status} ${((await response.json()) as { code: string }).code}`;
      };
      return [
        await post(`/devices/${id}/input`, { actions: [{ type: "tap", x: 10, y: 10 }] }),
        await post("/leases", { devices: [id] }),
      ];
    }, device.id);
    expect(refused).toEqual(["403 forbidden", "403 forbidden"]);
    expect(await viewer.getByRole("link", { name: "Admin" }).count()).toBe(0);
  });
});

describe("a log-in that is ended from elsewhere", () => {
  test("loses its live picture within a second and is asked to log in", SLOW, async () => {
    const other = await newPage(browser, url);
    let closedAt = 0;
    other.page.on("websocket", (socket) => socket.on("close", () => (closedAt ||= Date.now())));
    await enterPassword(other.page, { email: EMAIL, password: PASSWORD });
    await enterCode(other.page, "Code", totp(secret));
    await wall(other.page).waitFor();
    await other.page.goto(`${url}/devices/${device.id}`);
    await other.page.locator("[class*=glass][data-picture=live]").first().waitFor({ timeout: 20_000 });
    closedAt = 0;

    await page.goto(`${url}/account`);
    await page.getByText("this browser").waitFor();
    // The newest of the others is the one that has just come.
    const others = page.getByRole("button", { name: /^Log out: / });
    for (const button of await others.all()) {
      await button.click();
      const endedAt = Date.now();
      await page.getByRole("dialog").getByRole("button", { name: "Log out" }).click();
      await expect.poll(() => closedAt > 0 || Date.now() - endedAt > 1_500, { timeout: 3_000, interval: 20 }).toBe(true);
      if (closedAt === 0) continue;
      expect(closedAt - endedAt).toBeLessThan(1_000);
      break;
    }
    expect(closedAt).toBeGreaterThan(0);
    await logInPage(other.page).waitFor();
    await other.page.context().close();
  });

  test("leaves no error in the owner's own page", () => {
    // What is refused on purpose is logged by the browser itself, by its status.
    expect(problems.filter((text) => !/status of 40\d|WebSocket connection/.test(text))).toEqual([]);
  });
});
