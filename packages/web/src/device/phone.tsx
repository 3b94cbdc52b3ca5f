import type { Device } from "@phonerack/contract/api";
import css from "./phone.module.css";
import { PhoneButtons } from "./phone-buttons.js";
import { PhoneGlass } from "./phone-glass.js";
import { TruthLine } from "./truth-line.js";
import { useHand } from "./use-hand.js";
import { useLargePicture } from "./use-large-picture.js";

/** A phone in hand: its live screen as large as its place allows, its keys, and what is true of the picture. */
export function Phone({ device }: { device: Device }) {
  const hand = useHand(device.id);
  const picture = useLargePicture(device.id);
  return (
    <div className={css.phone}>
      <PhoneGlass device={device} hand={hand} picture={picture} />
      <PhoneButtons device={device} hand={hand} />
      <TruthLine device={device} picture={picture} refusal={hand.refusal} />
    </div>
  );
}
