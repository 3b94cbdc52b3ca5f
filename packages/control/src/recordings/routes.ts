/** The API's recordings: each procedure hands over to one function. */
import { known } from "../access/caller.js";
import { api } from "../http/api.js";
import type { Recordings } from "./recordings.js";

export function recordingProcedures(recordings: Recordings) {
  return {
    recording: api.devices.recording.handler(({ input, context }) => recordings.status(known(context.caller), input.id)),
    record: api.devices.record.handler(({ input: { id, ...wish }, context }) =>
      recordings.change(known(context.caller), id, wish),
    ),
    stopRecording: api.devices.stopRecording.handler(({ input, context }) => recordings.end(known(context.caller), input.id)),
    saveLast: api.devices.saveLast.handler(({ input, context }) =>
      recordings.saveLast(known(context.caller), input.id, input.seconds),
    ),
  };
}
