/**
 * better-auth keeps session tokens as they are; a stolen database would open consoles. This stands between it and its adapter: a token is
 * hashed on its way into the database and before it is looked for, and who brought it gets it back. Whoever lists sessions gets hashes.
 */
import { createHash } from "node:crypto";
import type { DBAdapter } from "better-auth/types";

type Where = Parameters<DBAdapter["findOne"]>[0]["where"];

export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

export function withHashedTokens(adapter: DBAdapter): DBAdapter {
  const hashed = <C extends { model: string; where?: Where | undefined }>(call: C): C => {
    if (call.model !== "session" || !call.where) return call;
    return {
      ...call,
      where: call.where.map((part) => (isToken(part) ? { ...part, value: hashToken(String(part.value)) } : part)),
    };
  };
  /** The one row that was asked for by its token goes out with that token. */
  const restored = <R>(row: R, call: { model: string; where?: Where | undefined }): R => {
    const token = call.model === "session" ? call.where?.find(isToken)?.value : undefined;
    return token === undefined || row === null ? row : { ...row, token };
  };
  return {
    ...adapter,
    create: async (call) => {
      const token = call.model === "session" ? (call.data as { token?: unknown }).token : undefined;
      if (typeof token !== "string") return adapter.create(call);
      const row = await adapter.create({ ...call, data: { ...call.data, token: hashToken(token) } });
      return { ...(row as object), token } as never;
    },
    findOne: async (call) => restored(await adapter.findOne(hashed(call)), call) as never,
    findMany: (call) => adapter.findMany(hashed(call)),
    count: (call) => adapter.count(hashed(call)),
    update: async (call) => restored(await adapter.update(hashed(call)), call) as never,
    updateMany: (call) => adapter.updateMany(hashed(call)),
    delete: (call) => adapter.delete(hashed(call)),
    deleteMany: (call) => adapter.deleteMany(hashed(call)),
    consumeOne: async (call) => restored(await adapter.consumeOne(hashed(call)), call) as never,
    incrementOne: async (call) => restored(await adapter.incrementOne(hashed(call)), call) as never,
    transaction: (run) => adapter.transaction((inner) => run(withHashedTokens(inner as DBAdapter))),
  };
}

/** `in` is used with what was listed before, which are hashes already. */
function isToken(part: Where[number]): boolean {
  return part.field === "token" && (part.operator === undefined || part.operator === "eq");
}
