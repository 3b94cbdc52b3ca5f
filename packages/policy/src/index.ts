export { decide, type GateDecision, type GateFacts, type GateMode, type GateRule } from "./gate.js";
