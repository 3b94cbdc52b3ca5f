/** The API's people: each procedure hands over to one function. */
import type { FastifyReply } from "fastify";
import type { Access } from "../access/access.js";
import { setSessionCookie } from "../access/routes.js";
import { api } from "../http/api.js";
import type { Account } from "./account.js";
import type { Keys } from "./keys.js";
import type { Members } from "./members.js";
import type { SignOns } from "./sign-on.js";
import type { Tenants } from "./tenants.js";

export interface People {
  readonly account: Account;
  readonly access: Access;
  readonly members: Members;
  readonly tenants: Tenants;
  readonly keys: Keys;
  readonly signOns: SignOns;
}

export function memberProcedures({ members, access }: People) {
  return {
    list: api.members.list.handler(async ({ context }) => ({ items: await members.list(context.caller) })),
    setRole: api.members.setRole.handler(({ input, context }) => members.setRole(context.caller, input.id, input.role)),
    remove: api.members.remove.handler(async ({ input, context }) => {
      await members.remove(context.caller, input.id);
      return { id: input.id };
    }),
    invitations: api.members.invitations.handler(async ({ context }) => ({ items: await members.invitations(context.caller) })),
    invite: api.members.invite.handler(({ input, context }) =>
      members.invite(context.caller, { ...input, baseUrl: context.baseUrl }),
    ),
    withdraw: api.members.withdraw.handler(async ({ input, context }) => {
      await members.withdraw(context.caller, input.id);
      return { id: input.id };
    }),
    invitation: api.members.invitation.handler(({ input }) => members.invitation(input.id)),
    accept: api.members.accept.handler(async ({ input, context }) => {
      const { tenant, session } = await members.accept(context.caller, input, fromOf(context.reply));
      if (session) await setSessionCookie(context.reply, access, session);
      return { tenant };
    }),
  };
}

export function tenantProcedures({ tenants }: People) {
  return {
    list: api.tenants.list.handler(async () => ({ items: await tenants.list() })),
    create: api.tenants.create.handler(({ input, context }) =>
      tenants.create(context.caller, { ...input, baseUrl: context.baseUrl }),
    ),
  };
}

export function keyProcedures({ keys }: People) {
  return {
    list: api.keys.list.handler(async ({ context }) => ({ items: await keys.list(context.caller) })),
    create: api.keys.create.handler(({ input, context }) => keys.create(context.caller, input)),
    remove: api.keys.remove.handler(async ({ input, context }) => {
      await keys.remove(context.caller, input.id);
      return { id: input.id };
    }),
  };
}

export function signOnProcedures({ signOns }: People) {
  return {
    list: api.signOn.list.handler(async ({ context }) => ({ items: await signOns.list(context.caller) })),
    create: api.signOn.create.handler(({ input, context }) => signOns.create(context.caller, input)),
    remove: api.signOn.remove.handler(async ({ input, context }) => {
      await signOns.remove(context.caller, input.id);
      return { id: input.id };
    }),
  };
}

function fromOf({ request }: FastifyReply): { ip: string; userAgent: string | undefined } {
  return { ip: request.ip, userAgent: request.headers["user-agent"] };
}
