export {
  type InstalledApp,
  type Judged,
  type Standing,
  type StandingContext,
  type SystemApp,
  standingOf,
  type TenantGrounds,
} from "./apps.js";
export {
  DAILY,
  decide,
  GATE_RULES,
  type GateAction,
  type GateDecision,
  type GateFacts,
  type GateMode,
  type GateRule,
  HOURLY,
  KNOWN_MS,
} from "./gate.js";
export { SYSTEM_APPS } from "./system-apps.js";
