/** Phones made of code, for whoever starts them: `phonerack virtual`, `phonerack up`, and tests. */

export { BLOCKS, NOTES } from "./apps/manifests.js";
export { startVirtualPhones, type VirtualPhones, type VirtualPhonesOptions } from "./chassis/chassis.js";
export { allFaults, type Fault } from "./chassis/faults.js";
export type { VirtualPhone } from "./chassis/virtual-phone.js";
export { VirtualPhonesError, type VirtualPhonesErrorCode } from "./chassis/virtual-phones-error.js";
export type { Model } from "./models/model.js";
export { MODELS, modelById } from "./models/models.js";
export { SAMPLES_SIGNER, type StockSigner, sampleKey, signerDigest } from "./models/signers.js";
export { type AppCrash, segmentationFault, thrownBy } from "./phone/app-errors.js";
export { warmUpEncoder } from "./screen/screen-encoder.js";
