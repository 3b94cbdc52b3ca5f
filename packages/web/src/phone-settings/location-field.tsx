import { Button, NumberInput, Select } from "@mantine/core";
import type { DeviceSettings } from "@phonerack/contract/api";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { PLACE_NAMES, PLACES, type PlaceName, placeAt } from "./choices.js";
import css from "./phone-settings.module.css";

interface LocationFieldProps {
  /** Null: as the phone knows. Undefined: not known, or not wished. */
  value: DeviceSettings["location"] | undefined;
  keeps: boolean;
  disabled: boolean;
  onChange: (value: DeviceSettings["location"] | undefined) => void;
}

/** Where the phone says that it is: a city, or two numbers. */
export function LocationField({ value, keeps, disabled, onChange }: LocationFieldProps) {
  const { t } = useTranslation();
  const [own, setOwn] = useState(false);
  const place = value === undefined ? null : placeAt(value);
  const choose = (name: string | null) => {
    setOwn(name === "other");
    if (name === "other") return;
    onChange(name === null ? undefined : name === "own" ? null : PLACES[name as PlaceName]);
  };
  return (
    <>
      <Select
        size="xs"
        aria-label={t("phone.location")}
        placeholder={t(keeps ? "phone.keep" : "info.unknown")}
        disabled={disabled}
        clearable={keeps}
        allowDeselect={false}
        searchable
        data={(["own", ...PLACE_NAMES, "other"] as const).map((name) => ({ value: name, label: t(`phone.places.${name}`) }))}
        value={own ? "other" : place}
        onChange={choose}
      />
      {(own || place === "other") && (
        <Numbers
          key={`${value?.latitude} ${value?.longitude}`}
          value={value ?? undefined}
          onSet={(location) => {
            setOwn(false);
            onChange(location);
          }}
        />
      )}
    </>
  );
}

interface NumbersProps {
  value: { latitude: number; longitude: number } | undefined;
  onSet: (value: { latitude: number; longitude: number }) => void;
}

function Numbers({ value, onSet }: NumbersProps) {
  const { t } = useTranslation();
  const [latitude, setLatitude] = useState<number | string>(value?.latitude ?? "");
  const [longitude, setLongitude] = useState<number | string>(value?.longitude ?? "");
  const whole = typeof latitude === "number" && typeof longitude === "number";
  return (
    <div className={css.numbers}>
      <NumberInput
        size="xs"
        hideControls
        aria-label={t("phone.latitude")}
        placeholder={t("phone.latitude")}
        min={-90}
        max={90}
        decimalScale={6}
        value={latitude}
        onChange={setLatitude}
      />
      <NumberInput
        size="xs"
        hideControls
        aria-label={t("phone.longitude")}
        placeholder={t("phone.longitude")}
        min={-180}
        max={180}
        decimalScale={6}
        value={longitude}
        onChange={setLongitude}
      />
      <Button size="xs" variant="default" disabled={!whole} onClick={() => whole && onSet({ latitude, longitude })}>
        {t("phone.setPlace")}
      </Button>
    </div>
  );
}
