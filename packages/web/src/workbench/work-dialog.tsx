import { Button, Modal } from "@mantine/core";
import type { DeviceId, Job } from "@phonerack/contract/api";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { FilesForm } from "../files/files-form.js";
import { ErrorNote } from "../frame/error-note.js";
import { LinkForm } from "../jobs/link-form.js";
import { RunForm } from "../jobs/run-form.js";
import { useDevices, useLive } from "../live/live.js";
import { AppForm } from "../packages/app-form.js";
import { InstallForm } from "../packages/install-form.js";
import { ClipboardForm } from "../phone-settings/clipboard-form.js";
import { SettingsForm } from "../phone-settings/settings-form.js";
import { mayTouch } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import { Consent } from "./consent.js";
import type { Order, OrderKind } from "./orders.js";
import { useOrder, useStartJob } from "./use-dock.js";
import type { WorkFormProps } from "./work-form.js";
import css from "./workbench.module.css";

const FORMS: Record<OrderKind, (props: WorkFormProps) => ReactNode> = {
  install: InstallForm,
  app: AppForm,
  run: RunForm,
  files: FilesForm,
  settings: SettingsForm,
  clipboard: ClipboardForm,
  link: LinkForm,
};

/** The dialog that is asked for, wherever one is. */
export function WorkDialog() {
  const order = useOrder();
  return order ? <Opened key={`${order.kind} ${order.devices.join()}`} order={order} /> : null;
}

function Opened({ order }: { order: Order }) {
  const { t } = useTranslation();
  const { orders } = useLive();
  const navigate = useNavigate();
  const held = useHeld(order.devices);
  const started = (job: Job) => {
    orders.close();
    // What was printed is on the job's page; of the others the dock says enough.
    if (job.action.type === "shell") void navigate({ to: "/jobs/$id", params: { id: job.id } });
  };
  const { start, agree, pending, asks, error } = useStartJob(started);
  const Form = FORMS[order.kind];
  const foot: WorkFormProps["foot"] = (ready, devices = held) => (
    <>
      {error !== undefined && <ErrorNote error={error} />}
      {asks ? (
        <Consent devices={asks} pending={pending} onAgree={agree} />
      ) : (
        <div className={css.buttons}>
          <Button variant="default" onClick={orders.close}>
            {t("device.cancel")}
          </Button>
          <Button type="submit" loading={pending} disabled={!ready || devices.length === 0}>
            {t(`work.now.${order.kind}`, { count: devices.length })}
          </Button>
        </div>
      )}
    </>
  );
  return (
    <Modal opened onClose={orders.close} title={t(`work.title.${order.kind}`)} size={560}>
      <Form
        order={order}
        devices={held}
        foot={foot}
        onWanted={({ devices = held, ...wanted }) => start({ ...wanted, devices: [...devices] })}
      />
    </Modal>
  );
}

/** A lease may end while one still chooses. */
function useHeld(ids: readonly DeviceId[]): readonly DeviceId[] {
  const { devices } = useLive();
  const all = useDevices();
  const session = useSession();
  return useMemo(
    () =>
      all
        ? ids.filter((id) => {
            const device = devices.get(id);
            return device !== undefined && mayTouch(session, device);
          })
        : [],
    [all, ids, devices, session],
  );
}
