export type { Agent, AgentOptions, DirectTarget, Limits } from "./agent.js";
export { startAgent } from "./agent.js";
