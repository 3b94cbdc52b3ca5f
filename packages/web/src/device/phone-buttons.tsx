import { ActionIcon, Tooltip } from "@mantine/core";
import type { Device, KeyName } from "@phonerack/contract/api";
import {
  IconArrowBackUp,
  IconCircle,
  IconHeadphones,
  IconHeadphonesOff,
  IconPower,
  IconRotate,
  IconSquare,
  IconVolume,
  IconVolume2,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { RecordButtons } from "../artifacts/record-buttons.js";
import { mayTouch, mayWatch } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import css from "./phone.module.css";
import { ScreenshotButton } from "./screenshot-button.js";
import type { Hand } from "./use-hand.js";
import { useSound } from "./use-sound.js";

type Icon = typeof IconPower;

const KEYS = [
  ["back", "BACK", IconArrowBackUp],
  ["home", "HOME", IconCircle],
  ["recents", "APP_SWITCH", IconSquare],
  ["power", "POWER", IconPower],
  ["volumeDown", "VOLUME_DOWN", IconVolume2],
  ["volumeUp", "VOLUME_UP", IconVolume],
] as const satisfies readonly (readonly [string, KeyName, Icon])[];

/** What a phone has at its edges, and what a phone in a rack cannot do without hands. */
export function PhoneButtons({ device, hand }: { device: Device; hand: Hand }) {
  const { t } = useTranslation();
  const sound = useSound(device.id);
  const session = useSession();
  const touchable = device.state === "ready" && mayTouch(session, device);
  const watchable = device.state === "ready" && mayWatch(session, device);
  const press = (key: KeyName) => {
    for (const phase of ["down", "up"] as const) hand.send({ type: "keyPress", key, phase, meta: 0 });
  };
  const soundHint = !device.audio ? t("buttons.noSound") : sound.possible ? undefined : t("buttons.insecureSound");
  return (
    <div className={css.buttons} role="toolbar" aria-label={t("buttons.label")}>
      {KEYS.map(([name, key, icon]) => (
        <PhoneButton key={name} label={t(`buttons.${name}`)} icon={icon} disabled={!touchable} onClick={() => press(key)} />
      ))}
      <span className={css.divider} />
      <PhoneButton
        label={t("buttons.rotate")}
        icon={IconRotate}
        disabled={!touchable}
        onClick={() => hand.send({ type: "rotate" })}
      />
      <ScreenshotButton device={device} watchable={watchable} held={touchable} />
      <RecordButtons device={device} disabled={!touchable} />
      <PhoneButton
        label={soundHint ?? sound.problem ?? t(sound.on ? "buttons.soundOff" : "buttons.soundOn")}
        icon={sound.on ? IconHeadphones : IconHeadphonesOff}
        disabled={!watchable || soundHint !== undefined}
        pressed={sound.on}
        onClick={sound.toggle}
      />
    </div>
  );
}

export interface PhoneButtonProps {
  label: string;
  icon: Icon;
  disabled: boolean;
  loading?: boolean;
  pressed?: boolean;
  onClick: () => void;
}

/** A key of the phone: says what it does, also while it does nothing. */
export function PhoneButton({ label, icon: Icon, disabled, loading, pressed, onClick }: PhoneButtonProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant={pressed ? "light" : "subtle"}
        color={pressed ? "accent" : "gray"}
        size={32}
        aria-label={label}
        aria-pressed={pressed}
        // Not `disabled`: a button that cannot be reached cannot say why it does nothing.
        data-disabled={disabled || undefined}
        aria-disabled={disabled}
        loading={loading ?? false}
        onClick={disabled ? undefined : onClick}
      >
        <Icon size={18} stroke={1.5} aria-hidden="true" />
      </ActionIcon>
    </Tooltip>
  );
}
