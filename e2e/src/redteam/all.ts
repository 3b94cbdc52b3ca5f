/** All rows of the red team, in the order in which they are run. */
import { adb } from "./adb-tools.js";
import { comments, likes, links, orders, wrapper } from "./deeds.js";
import { licences, rental } from "./renting.js";
import type { Scenario } from "./scenario.js";
import { logbook } from "./the-log.js";
import { address, identity, pacing, robots, switching, tokens } from "./ways-around.js";

export const SCENARIOS: readonly Scenario[] = [
  comments,
  likes,
  orders,
  links,
  wrapper,
  switching,
  address,
  pacing,
  adb,
  tokens,
  identity,
  robots,
  licences,
  rental,
  logbook,
];
