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
  ANNOUNCED_MS,
  type Announced,
  covers,
  MOST_CHANGES,
  type Prefix,
  parsePrefix,
  wrongWithChange,
  wrongWithPrefix,
} from "./egress.js";
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
export { type ConfiguredSchemes, endOfDay, schemesOf, strictestOf } from "./licences/countries.js";
export { type ImeiFault, imeiFault, luhn, tacOf } from "./licences/imei.js";
export {
  type ClassFacts,
  type ClassReason,
  type LicenceFacts,
  type LicenceLevel,
  licenceLevel,
  type NetworkClass,
  networkClass,
  type RegisterFacts,
} from "./licences/network-class.js";
export { SCHEMES, type SchemeRule, type Shape, type ShapeFault, schemeRule, shapeFault } from "./licences/schemes.js";
export { reasonWords } from "./licences/words.js";
export { concat, type Digest, fromBase64, fromHex, sameBytes, textOf, toBase64, toHex, utf8 } from "./log/bytes.js";
export { canonicalJson, type Json, NotJson } from "./log/canonical.js";
export {
  type Checkpoint,
  formatCheckpoint,
  parseCheckpoint,
  parseSize,
  readCheckpoint,
  type SignedCheckpoint,
} from "./log/checkpoint.js";
export { encodeLeaf, LEAF_VERSION, type Leaf, type LeafBody, type ReadLeaf, readLeaf } from "./log/leaf.js";
export {
  COSIGNATURE,
  checkSigned,
  cosignText,
  ED25519,
  formatNote,
  formatSignature,
  formatVkey,
  isKeyName,
  type MakeSignature,
  type Note,
  parseNote,
  parseSignature,
  parseVkey,
  type SignatureLine,
  type Signed,
  signText,
  type VerifierKey,
  type VerifySignature,
  verifierKey,
} from "./log/note.js";
export { formatReceipt, parseReceipt, provesEntry, type Receipt } from "./log/proof.js";
export {
  gateRevisions,
  gateVersion,
  type HandDecision,
  type Replayed,
  readHands,
  replayHands,
  replayLeaf,
} from "./log/replay.js";
export {
  LONGEST_ENTRY,
  leavesOf,
  packEntries,
  packHashes,
  parseTilePath,
  TILE_HEIGHT,
  TILE_WIDTH,
  type TileName,
  tileOfNode,
  tilePath,
  tilesOf,
  unpackEntries,
  unpackHashes,
  widthOf,
} from "./log/tiles.js";
export {
  emptyRoot,
  Frontier,
  HASH_BYTES,
  leafHash,
  nodeHash,
  Proofs,
  type ReadNode,
  rootFromInclusion,
  type TreeHead,
  verifyConsistency,
} from "./log/tree.js";
export { BadPolicy, checkTrust, parsePolicy, type Trusted, type TrustPolicy } from "./log/trust.js";
export { type ManifestFinding, type ManifestWords, manifestFindings, type Power, reachOf } from "./manifest.js";
export { SYSTEM_APPS } from "./system-apps.js";
