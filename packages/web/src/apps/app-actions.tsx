import { Button, Popover, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { App } from "@phonerack/contract/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { SureButton } from "../page/sure-button.js";
import { runsLab } from "../session/may.js";
import { hasRole, useSession } from "../session/use-session.js";
import css from "./apps.module.css";

/** Approved, taken away, forgotten: by those who may. */
export function AppActions({ app }: { app: App }) {
  const { t } = useTranslation();
  const session = useSession();
  const queries = useQueryClient();
  const onSuccess = () => queries.invalidateQueries({ queryKey: api.apps.key() });
  const approve = useMutation(api.apps.approve.mutationOptions({ onSuccess }));
  const disown = useMutation(api.apps.disown.mutationOptions({ onSuccess }));
  const remove = useMutation(api.apps.remove.mutationOptions({ onSuccess }));
  const { id, ownership, obstacles } = app;
  const lab = runsLab(session);
  const own = app.tenant === session?.tenant && hasRole(session, "operator");
  // What comes with phonerack is not taken away.
  const taken = ownership !== null && ownership.how !== "demo";
  const error = approve.error ?? disown.error ?? remove.error;
  if (!lab && !own) return null;
  return (
    <>
      <div className={css.actions}>
        {lab && !ownership && obstacles.every(({ approvable }) => approvable) && (
          <WithReason
            label={t("apps.approve")}
            how={t("apps.approveHow", { tenant: app.tenant })}
            pending={approve.isPending}
            onReason={(reason) => approve.mutate({ id, reason })}
          />
        )}
        {taken && lab && (
          <WithReason
            label={t("apps.disown")}
            how={t("apps.disownHow")}
            pending={disown.isPending}
            onReason={(reason) => disown.mutate({ id, reason })}
          />
        )}
        {taken && !lab && (
          <SureButton
            label={t("apps.disownNow")}
            question={t("apps.disownHow")}
            pending={disown.isPending}
            onSure={() => disown.mutate({ id })}
          />
        )}
        {own && ownership?.how !== "demo" && (
          <SureButton
            label={t("apps.remove")}
            of={app.label}
            question={t("apps.removeQuestion")}
            pending={remove.isPending}
            onSure={() => remove.mutate({ id })}
          />
        )}
      </div>
      {error && <ErrorNote error={error} />}
    </>
  );
}

interface WithReasonProps {
  label: string;
  /** What follows from it. */
  how: string;
  pending: boolean;
  onReason: (reason: string) => void;
}

/** Asks for the reason first: it is logged, and the organisation reads it. */
function WithReason({ label, how, pending, onReason }: WithReasonProps) {
  const { t } = useTranslation();
  const [opened, { toggle, close }] = useDisclosure(false);
  const [reason, setReason] = useState("");
  return (
    <Popover
      opened={opened}
      onChange={(open) => !open && close()}
      position="bottom-start"
      shadow="none"
      trapFocus
      returnFocus
      width={320}
    >
      <Popover.Target>
        <Button size="compact-sm" variant="default" loading={pending} onClick={toggle}>
          {label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            close();
            onReason(reason.trim());
          }}
        >
          <p>{how}</p>
          <TextInput
            data-autofocus
            required
            size="xs"
            maxLength={500}
            label={t("apps.reason")}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Button type="submit" size="xs">
            {label.replace(" …", "")}
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
