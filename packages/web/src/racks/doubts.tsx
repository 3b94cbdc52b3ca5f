import { Button } from "@mantine/core";
import type { Device } from "@phonerack/contract/api";
import { IconHelpCircle } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import css from "./racks.module.css";

/** Boards of which nobody but a person can tell who they are. */
export function Doubts({ devices }: { devices: readonly Device[] }) {
  const doubtful = devices.filter(({ doubt }) => doubt !== null);
  if (doubtful.length === 0) return null;
  return (
    <div className={css.doubts}>
      {doubtful.map((device) => (
        <DoubtLine key={device.id} device={device} devices={devices} />
      ))}
    </div>
  );
}

/** Also on the board's own page. */
export function DoubtLine({ device, devices }: { device: Device; devices: readonly Device[] }) {
  const { t } = useTranslation();
  const settle = useMutation(api.devices.settle.mutationOptions());
  if (!device.doubt) return null;
  const { candidates, why } = device.doubt;
  const nameOf = (id: string) => devices.find((each) => each.id === id)?.name ?? id;
  const [only] = candidates;
  const single = candidates.length === 1 && only !== undefined;
  return (
    <section className={css.doubt} aria-label={t("racks.doubtTitle")}>
      <IconHelpCircle size={18} stroke={1.5} aria-hidden="true" />
      <div>
        <strong>
          {single
            ? t("racks.isThis", { name: nameOf(only), self: device.name, address: device.address })
            : t("racks.whichIsThis", { self: device.name, address: device.address })}
        </strong>
        <p>{why}</p>
        {settle.error && <ErrorNote error={settle.error} />}
      </div>
      <span className={css.doubtButtons}>
        {candidates.map((same) => (
          <Button
            key={same}
            size="compact-sm"
            variant="default"
            disabled={settle.isPending}
            onClick={() => settle.mutate({ id: device.id, same })}
          >
            {single ? t("racks.same") : t("racks.sameAs", { name: nameOf(same) })}
          </Button>
        ))}
        <Button
          size="compact-sm"
          variant="default"
          disabled={settle.isPending}
          onClick={() => settle.mutate({ id: device.id, same: null })}
        >
          {t("racks.another")}
        </Button>
      </span>
    </section>
  );
}
