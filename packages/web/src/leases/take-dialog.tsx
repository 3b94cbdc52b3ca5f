import { Button, Checkbox, Modal, MultiSelect, NumberInput, SegmentedControl, Select, TextInput } from "@mantine/core";
import { type Device, LEASE_MAX_DEVICES, type Lease, PhonerackError } from "@phonerack/contract/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatNumber, formatSpan, formatTime } from "../language/format.js";
import { statusOf } from "../status/status.js";
import { nameOfLease } from "./lease-name.js";
import css from "./leases.module.css";
import { fromField, toField } from "./time-field.js";
import { choicesOf, fitting, NO_WISH, requestOf, type Wish } from "./wish.js";

const MINUTES = [15, 30, 60, 120, 240, 480, 1440];
const SOON_MS = 3_600_000;

/** Phones by what they must be: now, later, or as soon as there are so many. Control's answer is told in words. */
export function TakeDialog({ devices, onClose }: { devices: readonly Device[]; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [wish, setWish] = useState<Wish>(() => ({ ...NO_WISH, from: Math.ceil((Date.now() + SOON_MS) / SOON_MS) * SOON_MS }));
  const change = (next: Partial<Wish>) => setWish((before) => ({ ...before, ...next }));
  const take = useMutation(
    api.leases.create.mutationOptions({
      onSuccess: () => void queries.invalidateQueries({ queryKey: api.leases.key() }),
    }),
  );
  const ask = (wanted: Wish) => take.mutate(requestOf(wanted, Date.now()));
  const full = take.error instanceof PhonerackError && take.error.code === "lease_unavailable";
  if (take.data) return <Taken lease={take.data} onClose={onClose} />;
  return (
    <Modal opened onClose={onClose} title={t("leases.take")} size={520}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          ask(wish);
        }}
      >
        <WhichPhones devices={devices} wish={wish} onChange={change} />
        <When wish={wish} onChange={change} />
        <TextInput
          label={t("leases.purpose")}
          placeholder={t("leases.purposeExample")}
          maxLength={200}
          value={wish.purpose}
          onChange={(event) => change({ purpose: event.currentTarget.value })}
        />
        {take.error && <ErrorNote error={take.error} />}
        <div className="form-buttons">
          <Button variant="default" onClick={onClose}>
            {t("device.cancel")}
          </Button>
          {full && wish.when === "now" && (
            <Button variant="default" loading={take.isPending} onClick={() => ask({ ...wish, when: "wait" })}>
              {t("leases.waitForIt")}
            </Button>
          )}
          <Button type="submit" loading={take.isPending}>
            {t(`leases.submit.${wish.when}`)}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

interface PartProps {
  wish: Wish;
  onChange: (next: Partial<Wish>) => void;
}

function WhichPhones({ devices, wish, onChange }: PartProps & { devices: readonly Device[] }) {
  const { t } = useTranslation();
  const choices = useMemo(() => choicesOf(devices), [devices]);
  const fit = fitting(devices, wish);
  const free = fit.filter((device) => statusOf(device, undefined) === "free").length;
  return (
    <>
      <div className={css.times}>
        <MultiSelect
          label={t("wall.model")}
          placeholder={wish.models.length > 0 ? "" : t("leases.any")}
          data={choices.models}
          value={[...wish.models]}
          onChange={(models) => onChange({ models })}
          searchable
          clearable
        />
        <Select
          label={t("wall.android")}
          placeholder={t("leases.any")}
          data={choices.sdks.map((sdk) => ({ value: String(sdk), label: t("leases.sdkFrom", { sdk }) }))}
          value={wish.sdk === null ? null : String(wish.sdk)}
          onChange={(sdk) => onChange({ sdk: sdk === null ? null : Number(sdk) })}
          clearable
        />
        <Select
          label={t("leases.chassis")}
          placeholder={t("leases.any")}
          data={choices.chassis}
          value={wish.chassis}
          onChange={(chassis) => onChange({ chassis })}
          searchable
          clearable
        />
        {choices.labels.length > 0 && (
          <MultiSelect
            label={t("leases.labels")}
            placeholder={wish.labels.length > 0 ? "" : t("leases.any")}
            data={choices.labels}
            value={[...wish.labels]}
            onChange={(labels) => onChange({ labels })}
            searchable
            clearable
          />
        )}
        <NumberInput
          label={t("leases.count")}
          min={1}
          max={LEASE_MAX_DEVICES}
          allowDecimal={false}
          disabled={wish.whole}
          value={wish.count}
          onChange={(count) => onChange({ count: Number(count) || 1 })}
        />
      </div>
      <Checkbox
        label={t("leases.whole")}
        checked={wish.whole}
        onChange={(event) => onChange({ whole: event.currentTarget.checked })}
      />
      <p role="status">{t("leases.fit", { count: fit.length, free: formatNumber(free) })}</p>
    </>
  );
}

function When({ wish, onChange }: PartProps) {
  const { t } = useTranslation();
  return (
    <div className={css.times}>
      <div className={css.wide}>
        <SegmentedControl
          fullWidth
          aria-label={t("leases.when")}
          value={wish.when}
          data={(["now", "wait", "later"] as const).map((value) => ({ value, label: t(`leases.whens.${value}`) }))}
          onChange={(when) => onChange({ when: when as Wish["when"] })}
        />
      </div>
      {wish.when === "later" && (
        <TextInput
          type="datetime-local"
          required
          label={t("leases.from")}
          value={toField(wish.from)}
          onChange={(event) => onChange({ from: fromField(event.currentTarget.value) ?? wish.from })}
        />
      )}
      <Select
        label={t("leases.howLong")}
        data={MINUTES.map((minutes) => ({ value: String(minutes), label: formatSpan(minutes * 60_000) }))}
        value={String(wish.minutes)}
        allowDeselect={false}
        onChange={(minutes) => onChange({ minutes: Number(minutes ?? 60) })}
      />
    </div>
  );
}

/** What was granted, booked, or will be waited for. */
function Taken({ lease, onClose }: { lease: Lease; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const name = nameOfLease(t, lease);
  const { phase, from, until, queue } = lease;
  return (
    <Modal
      opened
      onClose={onClose}
      title={t(`leases.done.${phase === "queued" || phase === "booked" ? phase : "active"}`)}
      size={520}
    >
      <div className="form">
        <p role="status">
          {phase === "queued"
            ? `${t("leases.place", { place: queue?.position ?? 1 })}, ${queue?.estimate == null ? t("leases.noEstimate") : t("leases.estimate", { time: formatTime(queue.estimate) })}.`
            : phase === "booked"
              ? t("leases.doneBooked", { name, from: formatTime(from), until: formatTime(until) })
              : t("leases.doneActive", { name, until: formatTime(until) })}
        </p>
        <div className="form-buttons">
          {phase === "active" && (
            <Button onClick={() => void navigate({ to: "/", search: { status: ["yours"] } })}>{t("leases.showThem")}</Button>
          )}
          <Button variant="default" onClick={onClose}>
            {t("leases.close")}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
