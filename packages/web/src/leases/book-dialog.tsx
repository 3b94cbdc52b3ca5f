import { Button, Modal, TextInput } from "@mantine/core";
import type { Device, Lease } from "@phonerack/contract/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import css from "./leases.module.css";
import { fromField, toField } from "./time-field.js";
import { type Span, splitByFree } from "./timeline.js";

interface BookDialogProps {
  devices: readonly Device[];
  span: Span;
  leases: readonly Lease[];
  onClose: () => void;
}

const MOST_NAMED = 8;
/** A booking that begins within this is a lease that begins now. */
const NOW_MS = 60_000;

/** What was dragged on the timeline, to be looked at once more, and booked. */
export function BookDialog({ devices, span, leases, onClose }: BookDialogProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [from, setFrom] = useState(toField(span.from));
  const [until, setUntil] = useState(toField(span.to));
  const [purpose, setPurpose] = useState("");
  const times = { from: fromField(from) ?? span.from, to: fromField(until) ?? span.to };
  const { free, taken } = splitByFree(devices, times, leases);
  const book = useMutation(
    api.leases.create.mutationOptions({
      onSuccess: () => {
        void queries.invalidateQueries({ queryKey: api.leases.key() });
        onClose();
      },
    }),
  );
  const submit = () =>
    book.mutate({
      devices: free.map(({ id }) => id),
      ...(times.from - Date.now() > NOW_MS ? { from: times.from } : {}),
      until: times.to,
      purpose,
    });
  return (
    <Modal opened onClose={onClose} title={t("leases.bookTitle", { count: free.length })} size={480}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <p>{namesOf(free)}</p>
        {taken.length > 0 && <p className={css.soon}>{t("leases.leftOut", { count: taken.length, names: namesOf(taken) })}</p>}
        <div className={css.times}>
          <TextInput
            type="datetime-local"
            required
            label={t("leases.from")}
            value={from}
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
          <TextInput
            type="datetime-local"
            required
            label={t("leases.until")}
            value={until}
            onChange={(event) => setUntil(event.currentTarget.value)}
          />
        </div>
        <TextInput
          data-autofocus
          label={t("leases.purpose")}
          placeholder={t("leases.purposeExample")}
          maxLength={200}
          value={purpose}
          onChange={(event) => setPurpose(event.currentTarget.value)}
        />
        {book.error && <ErrorNote error={book.error} />}
        <div className="form-buttons">
          <Button variant="default" onClick={onClose}>
            {t("device.cancel")}
          </Button>
          <Button type="submit" disabled={free.length === 0} loading={book.isPending}>
            {times.from - Date.now() > NOW_MS ? t("leases.book") : t("leases.takeNow")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function namesOf(devices: readonly Device[]): string {
  const names = devices.slice(0, MOST_NAMED).map(({ name }) => name);
  return new Intl.ListFormat(undefined, { type: "unit" }).format(devices.length > MOST_NAMED ? [...names, "…"] : names);
}
