import { Button, Select } from "@mantine/core";
import { type Evidence, PhonerackError, type RegisterDevice } from "@phonerack/contract/api";
import { SCHEMES } from "@phonerack/policy";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { SureButton } from "../page/sure-button.js";
import { type Draft, doubtsOf, draftOf, type FieldWords, NO_LICENCE, readDraft } from "./draft.js";
import { FieldsProvider, TextField } from "./fields.js";
import { Imeis } from "./imeis.js";
import { LicenceFields } from "./licence-fields.js";
import css from "./register.module.css";

const FORMS = ["complete-unit", "removed-mainboard", "dev-board"] as const;
const NONE: FieldWords = new Map();

interface RecordFormProps {
  device: RegisterDevice & { evidence: Evidence[] };
  operates: boolean;
  /** What stands in the fields is not what is saved. */
  onDirty: (isDirty: boolean) => void;
  onChanged: () => Promise<void>;
}

/** What a person enters of a device. What is wrong stands beside its field, as it is typed. */
export function RecordForm({ device, operates, onDirty, onChanged }: RecordFormProps) {
  const { t } = useTranslation();
  const { id, record, schemes, saysModel, evidence } = device;
  const [start] = useState(() => draftOf(record, schemes));
  const [draft, setDraft] = useState<Draft>(start);
  const isDirty = JSON.stringify(draft) !== JSON.stringify(start);
  useEffect(() => onDirty(isDirty), [isDirty, onDirty]);
  const save = useMutation(api.register.put.mutationOptions({ onSuccess: onChanged }));
  const remove = useMutation(api.register.remove.mutationOptions({ onSuccess: onChanged }));
  const read = useMemo(() => readDraft(draft), [draft]);
  const doubts = useMemo(() => doubtsOf(draft, saysModel, Date.now()), [draft, saysModel]);
  const change = (next: Partial<Draft>) => setDraft((before) => ({ ...before, ...next }));
  const taken = save.error instanceof PhonerackError && save.error.code === "imei_taken" ? save.error : null;
  const faults = "faults" in read ? read.faults : NONE;
  return (
    <FieldsProvider value={{ faults, doubts, disabled: !operates }}>
      <form
        className={`form ${css.form}`}
        noValidate
        aria-label={t("register.record")}
        onSubmit={(event) => {
          event.preventDefault();
          if ("entry" in read) save.mutate({ id, record: read.entry });
        }}
      >
        <h3>{t("register.record")}</h3>
        <div className={css.grid}>
          <Select
            size="xs"
            label={t("register.form")}
            data={FORMS.map((value) => ({ value, label: t(`register.forms.${value}`) }))}
            value={draft.form}
            allowDeselect={false}
            disabled={!operates}
            onChange={(form) => change({ form: FORMS.find((each) => each === form) ?? "complete-unit" })}
          />
          <TextField path="model" label={t("register.modelOnLabel")} value={draft.model} onText={(model) => change({ model })} />
          <TextField
            path="manufacturer"
            label={t("register.manufacturer")}
            value={draft.manufacturer}
            onText={(manufacturer) => change({ manufacturer })}
          />
          <TextField
            path="marketName"
            label={t("register.marketName")}
            value={draft.marketName}
            onText={(marketName) => change({ marketName })}
          />
        </div>
        <Imeis
          imeis={draft.imeis}
          refused={taken}
          onChange={(imeis) => {
            if (taken) save.reset();
            change({ imeis });
          }}
        />
        {Object.entries(draft.licences).map(([scheme, licence]) => (
          <LicenceFields
            key={scheme}
            scheme={scheme}
            needed={schemes.includes(scheme)}
            saved={record && Object.hasOwn(record.licences, scheme) ? record.licences[scheme] : undefined}
            licence={licence}
            evidence={evidence}
            onChange={(next) => change({ licences: { ...draft.licences, [scheme]: { ...licence, ...next } } })}
          />
        ))}
        {operates && (
          <>
            <MoreLicences
              have={Object.keys(draft.licences)}
              onAdd={(scheme) => change({ licences: { ...draft.licences, [scheme]: NO_LICENCE } })}
            />
            {save.error && !taken && <ErrorNote error={save.error} />}
            {remove.error && <ErrorNote error={remove.error} />}
            <div className={css.saveLine}>
              <Button type="submit" size="xs" disabled={!isDirty || faults.size > 0} loading={save.isPending}>
                {t("register.save")}
              </Button>
              {isDirty && (
                <Button size="xs" variant="subtle" color="gray" onClick={() => setDraft(start)}>
                  {t("register.undo")}
                </Button>
              )}
              <span className={css.dim} role="status">
                {faults.size > 0 ? t("register.faults", { count: faults.size }) : isDirty ? t("register.dirty") : ""}
              </span>
              {record && (
                <span className={css.end}>
                  <SureButton
                    label={t("register.remove")}
                    question={t("register.removeQuestion")}
                    pending={remove.isPending}
                    onSure={() => remove.mutate({ id })}
                  />
                </span>
              )}
            </div>
          </>
        )}
      </form>
    </FieldsProvider>
  );
}

/** Another licence that it has, though nobody asks for it here. */
function MoreLicences({ have, onAdd }: { have: readonly string[]; onAdd: (scheme: string) => void }) {
  const { t } = useTranslation();
  const more = SCHEMES.filter(({ scheme }) => !have.includes(scheme));
  if (more.length === 0) return null;
  return (
    <Select
      className={css.addLicence ?? ""}
      size="xs"
      aria-label={t("register.addLicence")}
      placeholder={t("register.addLicence")}
      data={more.map(({ scheme, title }) => ({ value: scheme, label: `${scheme.toUpperCase()} · ${title}` }))}
      value={null}
      onChange={(scheme) => scheme !== null && onAdd(scheme)}
    />
  );
}
