/** All rules of the watching. */
import type { WatchRule } from "./rule.js";
import { accounts } from "./rules/accounts.js";
import { budget } from "./rules/budget.js";
import { duty } from "./rules/duty.js";
import { fanOut } from "./rules/fan-out.js";
import { linked } from "./rules/linked.js";
import { resets } from "./rules/resets.js";

export const RULES: readonly WatchRule[] = [budget, fanOut, resets, accounts, linked, duty];
