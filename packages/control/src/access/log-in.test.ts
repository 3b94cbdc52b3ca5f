/** Second factors and terminals, over HTTP as a page and a CLI do it. */
import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Person } from "../../test/person.js";
import { type RunningControl, runControl, Tab, until } from "../../test/running-control.js";

const PASSWORD = "correct horse battery";
const EMAIL = "erika@lab.example";

let running: RunningControl;
let owner: Person;
beforeAll(async () => {
  running = await runControl();
  owner = await Person.byLink(running);
  const set = { name: "Erika", email: EMAIL, password: PASSWORD };
  await owner.ask("/session/credentials", { method: "PUT", body: set });
});
afterAll(() => running.stop());

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const all = { "content-type": "application/json", ...headers };
  return running.knock(`/api/auth${path}`, { method: "POST", headers: all, body: JSON.stringify(body) });
}

function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .filter((cookie) => !/Max-Age=0/.test(cookie))
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
}

/** RFC 6238 with SHA-1, 6 digits, 30 seconds: what an authenticator app shows. */
function totp(uri: string, at = Date.now()): string {
  const secret = new URL(uri).searchParams.get("secret") ?? "";
  const bits = Array.from(secret)
    .map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"))
    .join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac("sha1", key).update(counter).digest();
  const code = (mac.readUInt32BE((mac[19] ?? 0) & 15) & 0x7fff_ffff) % 1_000_000;
  return String(code).padStart(6, "0");
}

describe("a terminal", () => {
  async function begun(): Promise<{
    device_code: string;
    user_code: string;
    verification_uri_complete: string;
    interval: number;
  }> {
    const response = await post("/device/code", { client_id: "phonerack" });
    expect(response.status).toBe(200);
    return (await response.json()) as Awaited<ReturnType<typeof begun>>;
  }

  async function poll(deviceCode: string): Promise<{ status: number; body: { error?: string; access_token?: string } }> {
    const grant = "urn:ietf:params:oauth:grant-type:device_code";
    const response = await post("/device/token", { grant_type: grant, device_code: deviceCode, client_id: "phonerack" });
    return { status: response.status, body: (await response.json()) as { error?: string; access_token?: string } };
  }

  test("is let in by somebody who is logged in, once, and cut off again", async () => {
    const { device_code, user_code, verification_uri_complete, interval } = await begun();
    expect(verification_uri_complete).toBe(`${running.control.url}/device?user_code=${user_code}`);
    expect((await poll(device_code)).body.error).toBe("authorization_pending");
    expect((await post("/device/approve", { userCode: user_code })).status).toBe(401);
    expect((await owner.knock(`/api/auth/device?user_code=${user_code}`)).status).toBe(200);
    expect((await owner.post("/api/auth/device/approve", { userCode: user_code })).status).toBe(200);
    expect((await poll(device_code)).body.error).toBe("slow_down");
    const token = await until(async () => {
      await new Promise((resolve) => setTimeout(resolve, interval * 1_000));
      return (await poll(device_code)).body.access_token;
    }, "the token");
    const terminal = Person.byBearer(running, token);
    expect((await terminal.ask("/session")).body).toMatchObject({ actor: "owner", kind: "person", tenant: "lab" });
    expect((await poll(device_code)).status).toBe(400);
    const tab = await Tab.open(running.control.url, terminal.headers);
    expect((await terminal.ask("/session", { method: "DELETE" })).body).toEqual({ ended: true });
    await until(() => tab.closed, "the cut");
    expect((await terminal.ask("/session")).status).toBe(401);
  }, 30_000);

  test("that somebody denies, or that is no phonerack, gets nothing", async () => {
    const { device_code, user_code } = await begun();
    expect((await owner.knock(`/api/auth/device?user_code=${user_code}`)).status).toBe(200);
    expect((await owner.post("/api/auth/device/deny", { userCode: user_code })).status).toBe(200);
    expect((await poll(device_code)).body.error).toBe("access_denied");
    expect((await post("/device/code", { client_id: "somebody-else" })).status).toBe(400);
    expect((await poll("never-was")).body.error).toBe("invalid_grant");
  });
});

describe("a second factor", () => {
  test("is asked for at log-in, is right or wrong, and can be taken away", async () => {
    const enabled = await owner.post("/api/auth/two-factor/enable", { password: PASSWORD });
    expect(enabled.status).toBe(200);
    const confirmed = await owner.post("/api/auth/two-factor/verify-totp", { code: totp(enabled.body.totpURI) });
    expect(confirmed.status).toBe(200);
    const half = await post("/sign-in/email", { email: EMAIL, password: PASSWORD });
    expect(await half.json()).toMatchObject({ twoFactorRedirect: true });
    const cookie = cookiesOf(half);
    expect(cookie).toMatch(/^phonerack_\d+\.two_factor=/);
    expect((await running.knock("/api/v1/session", { headers: { cookie } })).status).toBe(401);
    const wrong = await post("/two-factor/verify-totp", { code: "000000" }, { cookie });
    expect({ status: wrong.status, body: await wrong.json() }).toMatchObject({ status: 401, body: { code: "log_in_failed" } });
    const stale = totp(enabled.body.totpURI, Date.now() - 600_000);
    expect((await post("/two-factor/verify-totp", { code: stale }, { cookie })).status).toBe(401);
    const right = await post("/two-factor/verify-totp", { code: totp(enabled.body.totpURI) }, { cookie });
    expect(right.status).toBe(200);
    const session = await running.knock("/api/v1/session", { headers: { cookie: cookiesOf(right) } });
    expect(await session.json()).toMatchObject({ actor: "owner", twoFactor: true });
  });

  test("can be replaced by a backup code, once", async () => {
    const again = await Person.byLink(running);
    const made = await again.post("/api/auth/two-factor/generate-backup-codes", { password: PASSWORD });
    expect(made.status).toBe(200);
    const outcomes: number[] = [];
    for (let attempt = 0; attempt < 2; attempt++) {
      const half = await post("/sign-in/email", { email: EMAIL, password: PASSWORD });
      const code = made.body.backupCodes[0];
      outcomes.push((await post("/two-factor/verify-backup-code", { code }, { cookie: cookiesOf(half) })).status);
    }
    expect(outcomes).toEqual([200, 401]);
  });
});
