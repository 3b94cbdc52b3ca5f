/** Which phonerack a command talks to: the one named by flags or environment, else the one that runs with the data folder. */
import { PhonerackError } from "@phonerack/contract/bus";
import { readRun, readToken } from "../data-folder.js";

export interface ControlFlags {
  readonly control?: string;
  readonly token?: string;
  readonly data: string;
}

export interface ControlAddress {
  readonly url: string;
  readonly token: string;
}

/** Fails with `control_unreachable` when none is named and none runs, `unauthorised` when there is no token for it. */
export async function findControl(flags: ControlFlags): Promise<ControlAddress> {
  const url = flags.control ?? (await readRun(flags.data))?.url;
  if (url === undefined) throw new PhonerackError("control_unreachable", `none runs with the data folder ${flags.data}`);
  const token = flags.token ?? (await readToken(flags.data));
  if (token === undefined) throw new PhonerackError("unauthorised", "give --token or PHONERACK_TOKEN");
  return { url, token };
}
