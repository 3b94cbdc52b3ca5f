/**
 * What the person at this tab may do with a phone or a lease. Control decides (control/src/leases/visibility.ts); this only keeps the console from
 * offering what would be refused, and from asking for pictures that it may not see.
 */
import { atLeast, type Device, type Lease, type Role, type Scope, type Session } from "@phonerack/contract/api";

type Asker = Session | undefined;
type Held = Pick<Device, "lease" | "holder">;

/** Its actor id is the holder's. */
export function isMine({ lease, holder }: Held, actor: string | undefined): boolean {
  return lease === "leased" && holder !== null && holder.actor === actor;
}

export function runsLab(session: Asker): boolean {
  return session?.lab != null && inScope(session, "operate");
}

/** In the organisation that they act for; running the lab gives no role in another one. */
function ranks(session: Session, role: Role): boolean {
  return session.role !== null && atLeast(session.role, role);
}

/** Members take phones; viewers watch. */
export function mayDrive(session: Asker): boolean {
  return session !== undefined && ranks(session, "member") && inScope(session, "drive");
}

/** Some phones are for one organisation alone; running the lab does not make one a member of it. */
export function mayTake(session: Asker, device: Pick<Device, "state" | "lease" | "quarantine" | "tenant">): boolean {
  const theirs = device.tenant === null || device.tenant === session?.tenant;
  return theirs && mayDrive(session) && device.state === "ready" && device.lease === "free" && device.quarantine === null;
}

export function mayTouch(session: Asker, device: Held): boolean {
  return isMine(device, session?.actor) && mayDrive(session);
}

/** Free phones are the lab's to see, leased ones their tenant's; another's only in a support session of one's own. */
export function mayWatch(session: Asker, device: Held & Pick<Device, "support">): boolean {
  if (!session) return false;
  if (device.lease !== "leased" || !device.holder) return session.lab !== null;
  return device.holder.tenant === session.tenant || device.support?.by === session.actor;
}

/** Extend, hand over, release: its holder, and the operators of its tenant. */
export function mayManage(session: Asker, lease: Pick<Lease, "tenant" | "actor">): boolean {
  if (!session || !mayDrive(session)) return false;
  return lease.actor === session.actor || (lease.tenant === session.tenant && ranks(session, "operator"));
}

/** A leased screen of another organisation, looked at by those who run the lab: with a reason, and seen by its holder. */
export function mayOpenForSupport(session: Asker, device: Held): boolean {
  return runsLab(session) && device.lease === "leased" && device.holder !== null && device.holder.tenant !== session?.tenant;
}

function inScope(session: Session, scope: Scope): boolean {
  return session.scopes === null || session.scopes.includes(scope);
}
