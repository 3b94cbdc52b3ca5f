/** What an API key may: kept with the key by better-auth as its `metadata`, which is one field of JSON. */
import { Role, Scope } from "@phonerack/contract/bus";
import { z } from "zod";

/** An actor's id that begins so is a key's. */
export const KEY_ACTOR = "key:";

export const KeyGrant = z.object({ tenant: z.string(), role: Role, scopes: z.array(Scope).min(1) });
export type KeyGrant = z.infer<typeof KeyGrant>;

export function readGrant(json: string | null): KeyGrant | undefined {
  try {
    const grant = KeyGrant.safeParse(JSON.parse(json ?? ""));
    return grant.success ? grant.data : undefined;
  } catch {
    return undefined;
  }
}
