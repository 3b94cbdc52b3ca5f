/** ADB's bytes, as a device speaks them: packets, the connection and its streams, shell v2, sync, forwards. No I/O. */
export { WireError, type WireErrorCode, wireErrorCodes } from "../wire-error.js";
export {
  type AdbPublicKey,
  authTokenLength,
  authType,
  expectedSignatureContent,
  parseAdbPublicKey,
  publicKeyLength,
  sha1DigestInfo,
} from "./authentication.js";
export { type AdbBanner, deviceFeatures, encodeDeviceBanner, parseBanner } from "./banner.js";
export {
  type AdbAuthentication,
  AdbdConnection,
  type AdbdConnectionOptions,
  type AdbdLimits,
  type AdbOpenRequest,
} from "./connection.js";
export {
  encodeForwardFail,
  encodeForwardList,
  encodeForwardOkay,
  encodeProtocolString,
  type ForwardRequest,
  parseForwardRequest,
  parseProtocolString,
} from "./forward.js";
export {
  type AdbCommand,
  type AdbHeader,
  type AdbPacket,
  AdbPacketParser,
  adbChecksum,
  adbCommand,
  adbHeaderLength,
  adbMaxPayload,
  adbMinPayload,
  adbVersionMin,
  adbVersionSkipChecksum,
  encodeAdbHeader,
  parseAdbHeader,
} from "./packet.js";
export {
  encodeShellExit,
  encodeShellPacket,
  parseShellService,
  type ShellEvent,
  ShellProtocolParser,
  type ShellService,
  shellHeaderLength,
  shellMaxPacket,
  shellPacketId,
} from "./shell-protocol.js";
export type { AdbStream, AdbStreamEvents } from "./stream.js";
export { type SyncEvent, SyncRequestParser, syncMaxData, syncMaxPath } from "./sync-requests.js";
export {
  encodeSyncEntry,
  encodeSyncEntry2,
  encodeSyncFail,
  encodeSyncListDone,
  encodeSyncStat,
  encodeSyncStat2,
  encodeSyncStatus,
  type SyncStat,
} from "./sync-responses.js";
