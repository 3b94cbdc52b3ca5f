import { Button, Modal, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { Device } from "@phonerack/contract/api";
import { IconEye } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatTime } from "../language/format.js";
import { useActor } from "../session/use-session.js";
import css from "./hold-bar.module.css";

/** That somebody who runs the lab looks at this leased screen: who, why, since when. Its holder sees it, and so does whoever looks. */
export function SupportNote({ device: { id, support } }: { device: Device }) {
  const { t } = useTranslation();
  const actor = useActor();
  const end = useMutation(api.devices.endSupport.mutationOptions());
  if (!support) return null;
  const own = support.by === actor;
  const told = {
    who: support.byName,
    reason: support.reason,
    since: formatTime(support.since),
    until: formatTime(support.until),
  };
  return (
    <div className={css.support} role="status">
      <IconEye size={18} stroke={1.5} aria-hidden="true" />
      <p>{own ? t("support.yours", told) : t("support.looks", told)}</p>
      {own && (
        <Button size="compact-sm" variant="default" loading={end.isPending} onClick={() => end.mutate({ id })}>
          {t("support.close")}
        </Button>
      )}
      {end.error && <ErrorNote error={end.error} />}
    </div>
  );
}

/** Asks for the reason first: it is logged, and the holder reads it. */
export function OpenForSupport({ device }: { device: Device }) {
  const { t } = useTranslation();
  const actor = useActor();
  const [opened, dialog] = useDisclosure(false);
  const [reason, setReason] = useState("");
  const open = useMutation(api.devices.support.mutationOptions({ onSuccess: dialog.close }));
  if (device.support?.by === actor) return null;
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={dialog.open}>
        {t("support.open")}
      </Button>
      <Modal opened={opened} onClose={dialog.close} title={t("support.title", { name: device.name })}>
        <form
          className={`form ${css.form}`}
          onSubmit={(event) => {
            event.preventDefault();
            open.mutate({ id: device.id, reason });
          }}
        >
          <p>{t("support.how", { who: device.holder?.actorName ?? "", tenant: device.holder?.tenantName ?? "" })}</p>
          <TextInput
            data-autofocus
            required
            maxLength={200}
            label={t("support.reason")}
            placeholder={t("support.example")}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {open.error && <ErrorNote error={open.error} />}
          <div className="form-buttons">
            <Button variant="default" onClick={dialog.close}>
              {t("device.cancel")}
            </Button>
            <Button type="submit" loading={open.isPending}>
              {t("support.openNow")}
            </Button>
          </div>
        </form>
      </Modal>
    </>
  );
}
