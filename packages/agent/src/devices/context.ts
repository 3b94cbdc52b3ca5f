/** What every phone of this agent shares. Made once by `startAgent`. */
import type { Bus } from "@phonerack/contract/bus";
import type { FenceContext } from "../fence/parts.js";
import type { Budgets } from "../gate/budgets.js";
import type { GroundsBook } from "../gate/grounds-book.js";
import type { CustodyContext } from "../hold/custody.js";
import type { Identities } from "../identity/identities.js";
import type { DecisionJournal } from "../journal/journal.js";
import type { ServerJar } from "../mirror/server-jar.js";
import type { TileRates } from "../mirror/tile-rates.js";
import type { Sweep } from "../sweep.js";

export interface AgentContext extends CustodyContext, FenceContext {
  readonly agentId: string;
  readonly bus: Bus;
  readonly identities: Identities;
  readonly journal: DecisionJournal;
  /** What tenants have proved and were permitted. */
  readonly grounds: GroundsBook;
  readonly budgets: Budgets;
  readonly jar: ServerJar;
  readonly rates: TileRates;
  readonly sweep: Sweep;
}
