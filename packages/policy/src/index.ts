export type { InstalledApp, Judged, Standing, SystemApp, TenantGrounds } from "./apps.js";
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
