import type { Device } from "@phonerack/contract/api";
import { mayWatch } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import { HoldBar } from "./hold-bar.js";
import css from "./phone.module.css";
import { PhoneButtons } from "./phone-buttons.js";
import { PhoneGlass } from "./phone-glass.js";
import { SupportNote } from "./support.js";
import { TruthLine } from "./truth-line.js";
import { useHand } from "./use-hand.js";
import { useLargePicture } from "./use-large-picture.js";

/** A phone in hand: its live screen as large as its place allows, its keys, and what is true of the picture. */
export function Phone({ device }: { device: Device }) {
  const hand = useHand(device.id);
  const session = useSession();
  const picture = useLargePicture(device, mayWatch(session, device));
  return (
    <div className={css.phone}>
      <PhoneGlass device={device} hand={hand} picture={picture} />
      <HoldBar device={device} />
      <SupportNote device={device} />
      <PhoneButtons device={device} hand={hand} />
      <TruthLine device={device} picture={picture} hand={hand} />
    </div>
  );
}
