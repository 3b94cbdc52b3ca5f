export * from "../devices.js";
export * from "../errors.js";
export * from "../input.js";
export * from "../media.js";
export * from "./api-error.js";
export * from "./contract.js";
export * from "./live.js";
