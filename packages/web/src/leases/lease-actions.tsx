import { Button, Popover, Select, TextInput } from "@mantine/core";
import type { Lease, Session } from "@phonerack/contract/api";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { mayManage, runsLab } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import css from "./leases.module.css";
import { fromField, toField } from "./time-field.js";
import { EXTENSIONS, later, useLeaseAction } from "./use-lease-action.js";

type Action = ReturnType<typeof useLeaseAction>;

/** Longer, to a colleague, back; and for those who run the lab, ended with a reason. */
export function LeaseActions({ lease }: { lease: Lease }) {
  const session = useSession();
  const action = useLeaseAction();
  if (lease.phase === "ended") return null;
  const manages = mayManage(session, lease);
  const kicks = runsLab(session) && lease.actor !== session?.actor && lease.phase === "active";
  if (!manages && !kicks) return null;
  return (
    <div className={css.actions}>
      {manages && lease.phase !== "queued" && <Extend lease={lease} action={action} />}
      {manages && lease.phase === "active" && <HandOver lease={lease} action={action} session={session} />}
      {manages && <Release lease={lease} action={action} />}
      {kicks && <Kick lease={lease} action={action} />}
      {action.error && <ErrorNote error={action.error} />}
    </div>
  );
}

function Extend({ lease: { id, until }, action }: { lease: Lease; action: Action }) {
  const { t } = useTranslation();
  const extend = (to: number) => action.run({ do: "extend", lease: id, until: to });
  return (
    <>
      <Button
        size="xs"
        variant="default"
        disabled={action.running !== undefined}
        onClick={() => extend(later(until, EXTENSIONS[0]))}
      >
        {t("leases.plusHalf")}
      </Button>
      <Button
        size="xs"
        variant="default"
        disabled={action.running !== undefined}
        onClick={() => extend(later(until, EXTENSIONS[1]))}
      >
        {t("leases.plusHour")}
      </Button>
      <Asking label={t("leases.untilEtc")}>
        {(close) => (
          <UntilForm
            until={until}
            onDone={(to) => {
              extend(to);
              close();
            }}
          />
        )}
      </Asking>
    </>
  );
}

/** A button that asks for one thing more. */
function Asking({ label, danger, children }: { label: string; danger?: boolean; children: (close: () => void) => ReactNode }) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" shadow="none" trapFocus width={280} withinPortal>
      <Popover.Target>
        <Button
          size="xs"
          variant="default"
          {...(danger ? { c: "var(--danger)" } : {})}
          onClick={() => setOpened((before) => !before)}
        >
          {label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>{children(() => setOpened(false))}</Popover.Dropdown>
    </Popover>
  );
}

function UntilForm({ until, onDone }: { until: number; onDone: (until: number) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState(toField(later(until, EXTENSIONS[1])));
  return (
    <form
      className={css.ask}
      onSubmit={(event) => {
        event.preventDefault();
        const to = fromField(text);
        if (to !== undefined) onDone(to);
      }}
    >
      <TextInput
        data-autofocus
        type="datetime-local"
        required
        size="xs"
        label={t("leases.untilWhen")}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button type="submit" size="xs">
        {t("leases.extend")}
      </Button>
    </form>
  );
}

function HandOver({ lease, action, session }: { lease: Lease; action: Action; session: Session | undefined }) {
  const { t } = useTranslation();
  return (
    <Asking label={t("leases.handOver")}>
      {(close) => (
        <HandOverForm
          lease={lease}
          session={session}
          onDone={(to) => {
            action.run({ do: "handOver", lease: lease.id, to });
            close();
          }}
        />
      )}
    </Asking>
  );
}

function HandOverForm({ lease, session, onDone }: { lease: Lease; session: Session | undefined; onDone: (to: string) => void }) {
  const { t } = useTranslation();
  const [to, setTo] = useState<string | null>(null);
  const members = useQuery(api.members.list.queryOptions({ enabled: session !== undefined }));
  const choices = (members.data?.items ?? [])
    .filter(({ id, role }) => id !== lease.actor && role !== "viewer")
    .map(({ id, name, email }) => ({ value: id, label: name || email }));
  if (members.error) return <ErrorNote error={members.error} onAgain={() => void members.refetch()} />;
  if (members.data && choices.length === 0) return <p className={css.dim}>{t("leases.nobodyElse")}</p>;
  return (
    <form
      className={css.ask}
      onSubmit={(event) => {
        event.preventDefault();
        if (to !== null) onDone(to);
      }}
    >
      <Select
        data-autofocus
        size="xs"
        searchable
        label={t("leases.toWhom")}
        placeholder={members.isPending ? t("leases.loading") : t("leases.aColleague")}
        data={choices}
        value={to}
        onChange={setTo}
        comboboxProps={{ withinPortal: false }}
      />
      <Button type="submit" size="xs" disabled={to === null}>
        {t("leases.giveIt")}
      </Button>
    </form>
  );
}

function Release({ lease, action }: { lease: Lease; action: Action }) {
  const { t } = useTranslation();
  return (
    <Button
      size="xs"
      variant="default"
      loading={action.running === "release"}
      onClick={() => action.run({ do: "release", lease: lease.id })}
    >
      {lease.phase === "active" ? t("hold.release") : t("leases.cancel")}
    </Button>
  );
}

function Kick({ lease, action }: { lease: Lease; action: Action }) {
  const { t } = useTranslation();
  const [reason, setReason] = useState("");
  return (
    <Asking label={t("leases.kick")} danger>
      {(close) => (
        <form
          className={css.ask}
          onSubmit={(event) => {
            event.preventDefault();
            action.run({ do: "kick", lease: lease.id, reason });
            close();
          }}
        >
          <p className={css.dim}>{t("leases.kickHow", { who: lease.actorName })}</p>
          <TextInput
            data-autofocus
            required
            maxLength={200}
            size="xs"
            label={t("leases.kickWhy")}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Button type="submit" size="xs" color="red">
            {t("leases.kickNow")}
          </Button>
        </form>
      )}
    </Asking>
  );
}
