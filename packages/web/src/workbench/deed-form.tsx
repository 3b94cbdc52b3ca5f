import { Checkbox } from "@mantine/core";
import type { DeviceAction } from "@phonerack/contract/api";
import { type ReactNode, useState } from "react";
import { ALL_AT_ONCE, type Pace, PaceFields, paceOf } from "../jobs/pace-fields.js";
import { OnPhones, type WorkFormProps } from "./work-form.js";

interface DeedFormProps extends Pick<WorkFormProps, "devices" | "onWanted" | "foot"> {
  /** Undefined: its fields do not say yet what is to be done. */
  readonly action: DeviceAction | undefined;
  /** What is lost for good by it, to be ticked first. */
  readonly loses?: string | undefined;
  /** Its fields. */
  readonly children: ReactNode;
}

/** A deed on many phones: on which, what, what is lost by it, and how fast. */
export function DeedForm({ devices, onWanted, foot, action, loses, children }: DeedFormProps) {
  const [ticked, setTicked] = useState<string>();
  const [pace, setPace] = useState<Pace>(ALL_AT_ONCE);
  // A tick is for this very deed: in another app or another file it has not been thought of.
  const deed = JSON.stringify(action);
  const sure = action !== undefined && ticked === deed;
  const ready = action !== undefined && (loses === undefined || sure);
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) onWanted({ action, ...paceOf(pace, devices.length) });
      }}
    >
      <OnPhones devices={devices} />
      {children}
      {loses !== undefined && (
        <Checkbox
          label={loses}
          disabled={action === undefined}
          checked={sure}
          onChange={(event) => setTicked(event.currentTarget.checked ? deed : undefined)}
        />
      )}
      {devices.length > 1 && <PaceFields pace={pace} onChange={setPace} />}
      {foot(ready)}
    </form>
  );
}
