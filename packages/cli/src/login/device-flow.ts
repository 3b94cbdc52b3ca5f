/** Log-in of a terminal by a browser elsewhere (RFC 8628, device authorisation), against control's `/api/auth/device`. */
import { setTimeout as sleep } from "node:timers/promises";
import { PhonerackError } from "@phonerack/contract/bus";
import { z } from "zod";
import { type ControlPlace, jsonOf, type Reply, send } from "../api/request.js";

const CLIENT_ID = "phonerack";
const GRANT = "urn:ietf:params:oauth:grant-type:device_code";

const Asked = z.object({
  device_code: z.string().min(1),
  user_code: z.string().min(4).max(20),
  expires_in: z.number().positive(),
  interval: z.number().nonnegative(),
});
const Granted = z.object({ access_token: z.string().min(1) });
const Refused = z.object({ error: z.string() });

export interface DeviceCode {
  /** What the person reads, `ABCD-EFGH`. */
  readonly code: string;
  /** Where they confirm it, in a browser that is logged in. */
  readonly link: string;
  readonly expiresAt: number;
  /** Waits until they have. Fails with `login_refused`. */
  token(): Promise<string>;
}

/** Fails with `control_unreachable` or `certificate_untrusted`. */
export async function askForCode(place: ControlPlace): Promise<DeviceCode> {
  const reply = await send(place, "/api/auth/device/code", { method: "POST", body: { client_id: CLIENT_ID } });
  const asked = Asked.safeParse(jsonOf(reply));
  if (reply.status !== 200 || !asked.success) throw notThere(place, reply);
  const { device_code, user_code, expires_in, interval } = asked.data;
  const expiresAt = Date.now() + expires_in * 1_000;
  return {
    code: user_code.length === 8 ? `${user_code.slice(0, 4)}-${user_code.slice(4)}` : user_code,
    link: new URL(`/device?code=${encodeURIComponent(user_code)}`, place.url).href,
    expiresAt,
    token: () => poll(place, { deviceCode: device_code, intervalMs: Math.max(1, interval) * 1_000, expiresAt }),
  };
}

interface Poll {
  readonly deviceCode: string;
  readonly intervalMs: number;
  readonly expiresAt: number;
}

async function poll(place: ControlPlace, { deviceCode, intervalMs, expiresAt }: Poll): Promise<string> {
  let waitMs = intervalMs;
  while (Date.now() < expiresAt) {
    await sleep(waitMs);
    const body = { grant_type: GRANT, device_code: deviceCode, client_id: CLIENT_ID };
    const reply = await send(place, "/api/auth/device/token", { method: "POST", body }).catch((error: unknown) => {
      // Control restarts, a network blinks: the code still holds.
      if (error instanceof PhonerackError && error.code === "control_unreachable") return undefined;
      throw error;
    });
    if (reply === undefined) continue;
    const granted = Granted.safeParse(jsonOf(reply));
    if (reply.status === 200 && granted.success) return granted.data.access_token;
    const refused = Refused.safeParse(jsonOf(reply));
    switch (refused.data?.error) {
      case "authorization_pending":
        break;
      case "slow_down":
        waitMs += 5_000;
        break;
      case "access_denied":
        throw new PhonerackError("login_refused", "it was refused in the browser");
      case "expired_token":
        throw new PhonerackError("login_refused", "the code has expired");
      default:
        if (reply.status !== 429) throw notThere(place, reply);
        waitMs += 5_000;
    }
  }
  throw new PhonerackError("login_refused", "the code has expired");
}

function notThere({ url }: ControlPlace, { status }: Reply): PhonerackError {
  return new PhonerackError("control_unreachable", `${url} answered ${status} to a log-in by device`);
}
