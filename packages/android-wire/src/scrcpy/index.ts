/** scrcpy 3.3.1's bytes: server options, video and audio streams, control and device messages. No I/O. */
export { WireError, type WireErrorCode, wireErrorCodes } from "../wire-error.js";
export { encodeControlMessage } from "./control-encoder.js";
export {
  type ControlMessage,
  type ControlPosition,
  controlMaxMessage,
  controlMaxText,
  controlType,
  keyAction,
  motionAction,
  pointerId,
} from "./control-message.js";
export { ControlMessageParser } from "./control-parser.js";
export {
  type DeviceMessage,
  DeviceMessageParser,
  deviceMaxMessage,
  deviceMessageType,
  encodeDeviceMessage,
} from "./device-message.js";
export {
  deviceNameLength,
  encodeAudioMeta,
  encodeDeviceName,
  encodeFrameHeader,
  encodeVideoMeta,
  frameHeaderLength,
  type MediaEvent,
  type MediaPacket,
  type MediaStreamOptions,
  MediaStreamParser,
  scrcpyCodec,
} from "./media-stream.js";
export { parseServerOptions, type ScrcpyServerOptions, scrcpySocketName, scrcpyVersion } from "./server-options.js";
