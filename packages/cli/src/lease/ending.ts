/** What the commands for one device say of its lease: that it ends soon, or that one must be taken first. */
import { CONFIRM_WARN_MS, type Device, LEASE_WARN_MS } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import { clock, length } from "./times.js";

/** For all that `me` holds, each lease once. */
export function warnOfEnds(devices: readonly Device[], me: string, now = Date.now()): void {
  const mine = new Map(devices.filter(({ holder }) => holder?.actor === me).map((device) => [device.holder?.lease, device]));
  for (const device of mine.values()) warnOfEnd(device, now);
}

/** On stderr, so that no script reads it as a result; nothing while there is time. */
export function warnOfEnd({ name, holder }: Device, now = Date.now()): void {
  if (!holder) return;
  const { until, idleAt, confirmBy } = holder;
  if (confirmBy !== null && confirmBy < until && confirmBy - now <= CONFIRM_WARN_MS[0])
    process.stderr.write(
      `phonerack: the lease of ${name} ends at ${clock(confirmBy, now)} unless a person says that the group or script on it may go on: 'phonerack lease confirm ${holder.lease}'
`,
    );
  if (idleAt !== null && idleAt < until && idleAt - now <= LEASE_WARN_MS)
    process.stderr.write(
      `phonerack: the lease of ${name} ends at ${clock(idleAt, now)}, because nothing is done with it; any input keeps it\n`,
    );
  if (until - now > LEASE_WARN_MS) return;
  const extend = `'phonerack lease extend ${holder.lease} --for 30m' keeps it`;
  process.stderr.write(
    `phonerack: the lease of ${name} ends at ${clock(holder.until, now)}, in ${length(holder.until - now)}; ${extend}\n`,
  );
}

/** Adds the command that would have helped. */
export function withTakeHint(error: unknown, { name }: Device): unknown {
  if (!(error instanceof PhonerackError) || error.code !== "lease_required") return error;
  const word = /^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
  return new PhonerackError("lease_required", `phonerack lease take ${word}`, { cause: error });
}
