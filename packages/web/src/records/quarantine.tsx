import { Button, Textarea, Tooltip } from "@mantine/core";
import type { Device } from "@phonerack/contract/api";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatTime } from "../language/format.js";
import page from "../page/page.module.css";
import { SureButton } from "../page/sure-button.js";
import { runsLab } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import css from "./quarantine.module.css";

/** Why a phone is not lent, and the ways out for those who run the lab. The live picture tells when it has changed. */
export function Quarantined({ device: { id, quarantine, lease } }: { device: Device }) {
  const { t } = useTranslation();
  const session = useSession();
  const wipe = useMutation(api.devices.wipe.mutationOptions());
  const clear = useMutation(api.devices.clear.mutationOptions());
  if (!quarantine) return null;
  const failed = wipe.error ?? clear.error;
  const cleaning = lease === "cleaning";
  return (
    <section className={css.note} aria-label={t("status.quarantined")}>
      <strong>{t("quarantine.title", { time: formatTime(quarantine.since) })}</strong>
      <p>{quarantine.reason}</p>
      {cleaning && <p role="status">{t("quarantine.cleaning")}</p>}
      {runsLab(session) && !cleaning && (
        <div className={page.actions}>
          <Button size="compact-sm" loading={wipe.isPending} onClick={() => wipe.mutate({ id })}>
            {t("quarantine.wipe")}
          </Button>
          <Tooltip label={t("quarantine.clearHint")} multiline w={260}>
            <Button size="compact-sm" variant="default" loading={clear.isPending} onClick={() => clear.mutate({ id })}>
              {t("quarantine.clear")}
            </Button>
          </Tooltip>
          <SureButton
            label={t("quarantine.baseline")}
            question={t("quarantine.baselineQuestion")}
            pending={clear.isPending}
            onSure={() => clear.mutate({ id, baseline: "true" })}
          />
        </div>
      )}
      {failed && <ErrorNote error={failed} />}
    </section>
  );
}

/** Takes a phone out of use; whoever clears it reads why. */
export function PutInQuarantine({ device }: { device: Device }) {
  const { t } = useTranslation();
  const session = useSession();
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState("");
  const put = useMutation(api.devices.quarantine.mutationOptions({ onSuccess: () => setAsking(false) }));
  if (!runsLab(session) || device.quarantine) return null;
  if (!asking) {
    return (
      <section className={css.put}>
        <Button size="xs" variant="default" onClick={() => setAsking(true)}>
          {t("quarantine.put")}
        </Button>
        <p>{t("quarantine.putHint")}</p>
      </section>
    );
  }
  return (
    <form
      className={css.put}
      onSubmit={(event) => {
        event.preventDefault();
        put.mutate({ id: device.id, reason });
      }}
    >
      <Textarea
        size="xs"
        label={t("quarantine.reason")}
        autoFocus
        required
        withAsterisk={false}
        maxLength={200}
        autosize
        minRows={2}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <div className={page.actions}>
        <Button type="submit" size="xs" disabled={reason.trim() === ""} loading={put.isPending}>
          {t("quarantine.putDo")}
        </Button>
        <Button size="xs" variant="subtle" color="gray" onClick={() => setAsking(false)}>
          {t("device.cancel")}
        </Button>
      </div>
      {put.error && <ErrorNote error={put.error} />}
    </form>
  );
}
