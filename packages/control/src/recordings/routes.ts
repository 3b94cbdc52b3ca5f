/** The API's recordings: each procedure hands over to one function. */
import { PhonerackError } from "@phonerack/contract/bus";
import { api } from "../http/api.js";

export function recordingProcedures() {
  return {
    recording: api.devices.recording.handler(() => {
      throw new PhonerackError("not_found");
    }),
    record: api.devices.record.handler(() => {
      throw new PhonerackError("not_found");
    }),
    stopRecording: api.devices.stopRecording.handler(() => {
      throw new PhonerackError("not_found");
    }),
    saveLast: api.devices.saveLast.handler(() => {
      throw new PhonerackError("not_found");
    }),
  };
}
