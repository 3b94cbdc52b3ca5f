/** What is recorded of a phone now, and what changes it. Asked only of who holds it; whether one runs, the device itself says to all. */
import type { Device } from "@phonerack/contract/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, client } from "../api/client.js";
import { shownError } from "../api/sentence.js";

/** As long as the console offers; the API and the command line take up to five minutes. */
export const LAST_SECONDS = 120;
/** How much is kept by now grows by itself. */
const AGAIN_MS = 10_000;

export function useRecording({ id, recording = false }: Device, asked: boolean) {
  const queries = useQueryClient();
  const input = { id };
  const status = useQuery({
    ...api.devices.recording.queryOptions({ input }),
    queryKey: [...api.devices.recording.queryKey({ input }), recording],
    enabled: asked,
    placeholderData: (before) => before,
    refetchInterval: ({ state }) => (state.data?.keeping ? AGAIN_MS : false),
  });
  const onSettled = () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: api.devices.recording.key() }),
      queries.invalidateQueries({ queryKey: api.artifacts.key() }),
    ]);
  const toggle = useMutation({
    mutationFn: async () => {
      if (recording) await client.devices.stopRecording(input);
      else await client.devices.record({ id, record: true });
    },
    onSettled,
  });
  const save = useMutation({ mutationFn: () => client.devices.saveLast({ id, seconds: LAST_SECONDS }), onSettled });
  const keep = useMutation({
    mutationFn: (wished: boolean) => client.devices.record({ id, keepSeconds: wished ? LAST_SECONDS : 0 }),
    onSettled,
  });
  const problem = toggle.error ?? save.error ?? keep.error;
  return {
    now: asked ? status.data : undefined,
    toggle,
    save,
    keep,
    problem: problem ? shownError(problem).message : undefined,
  };
}
