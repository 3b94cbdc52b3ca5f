import { Button, Modal, NumberInput, Select } from "@mantine/core";
import type { Device, DeviceId, Lab } from "@phonerack/contract/api";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorNote } from "../frame/error-note.js";
import css from "./racks.module.css";
import { usePlacing } from "./use-placing.js";

interface PlaceDialogProps {
  id: DeviceId;
  lab: Lab;
  devices: readonly Device[];
  onClose: () => void;
}

/** What dragging a board does, for the keyboard and for slots that are not in view. */
export function PlaceDialog({ id, lab, devices, onClose }: PlaceDialogProps) {
  const { t } = useTranslation();
  const device = devices.find((each) => each.id === id);
  const [chassis, setChassis] = useState(device?.chassis ?? null);
  const [slot, setSlot] = useState<number | null>(device?.slot ?? null);
  const { place, error, isPending } = usePlacing(onClose);
  const all = lab.sites.flatMap(({ racks }) => racks.flatMap((rack) => rack.chassis));
  const there = devices.find((each) => each.id !== id && each.chassis === chassis && each.slot === slot);
  return (
    <Modal opened onClose={onClose} title={t("racks.moveTitle", { name: device?.name ?? id })}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (chassis !== null && slot !== null) place(id, { chassis, slot });
        }}
      >
        <Select
          data-autofocus
          label={t("leases.chassis")}
          data={all.map(({ name }) => name)}
          searchable
          value={chassis}
          onChange={setChassis}
        />
        <NumberInput
          label={t("racks.slot")}
          min={1}
          max={all.find(({ name }) => name === chassis)?.slots ?? 100}
          allowDecimal={false}
          value={slot ?? ""}
          onChange={(value) => setSlot(Number(value) || null)}
        />
        {there && <p className={css.warn}>{t("racks.occupied", { name: there.name })}</p>}
        {error && <ErrorNote error={error} />}
        <div className="form-buttons">
          <Button variant="subtle" color="gray" disabled={isPending} onClick={() => place(id, null)}>
            {t("racks.takeOut")}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t("device.cancel")}
          </Button>
          <Button type="submit" loading={isPending} disabled={chassis === null || slot === null || there !== undefined}>
            {t("racks.moveThere")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
