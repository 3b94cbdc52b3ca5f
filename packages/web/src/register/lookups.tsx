import { Button, Checkbox, Select } from "@mantine/core";
import type { Evidence, Licence, RegisterDevice } from "@phonerack/contract/api";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNames } from "../admin/use-names.js";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatDate } from "../language/format.js";
import { LevelMark } from "./level-mark.js";
import css from "./register.module.css";

interface LookupsProps {
  device: RegisterDevice & { evidence: Evidence[] };
  /** There is something that was not saved: the API would confirm what stands there. */
  isDirty: boolean;
  onChanged: () => Promise<void>;
}

/** Which licences somebody looked up in their registry. Only these count. */
export function Lookups({ device, isDirty, onChanged }: LookupsProps) {
  const { t } = useTranslation();
  const licences = Object.entries(device.record?.licences ?? {}).filter(([, { number }]) => number !== null);
  if (licences.length === 0) return null;
  return (
    <section className={css.part} aria-label={t("register.lookedUp")}>
      <h3>{t("register.lookedUp")}</h3>
      <p className={css.dim}>{t("register.lookedUpHint")}</p>
      {licences.map(([scheme, licence]) => (
        <Lookup key={scheme} device={device} scheme={scheme} licence={licence} isDirty={isDirty} onChanged={onChanged} />
      ))}
    </section>
  );
}

function Lookup({ device, scheme, licence, isDirty, onChanged }: LookupsProps & { scheme: string; licence: Licence }) {
  const { t } = useTranslation();
  const nameOf = useNames();
  const [asking, setAsking] = useState(false);
  const { confirmed, level, number } = licence;
  return (
    <div className={css.lookup}>
      <div className={css.lookupLine}>
        <strong>{scheme.toUpperCase()}</strong>
        <span className="mono">{number}</span>
        <LevelMark level={level} />
        {!asking && level !== "none" && (
          <span className={css.end}>
            <Button size="compact-xs" variant="default" disabled={isDirty} onClick={() => setAsking(true)}>
              {t(confirmed ? "register.lookUpAgain" : "register.lookUp", { scheme: scheme.toUpperCase() })}
            </Button>
          </span>
        )}
      </div>
      {confirmed && (
        <p className={css.small}>{t("register.confirmedBy", { who: nameOf(confirmed.by), day: formatDate(confirmed.at) })}</p>
      )}
      {level === "none" && <p className={css.small}>{t("register.cannotBe")}</p>}
      {isDirty && level !== "none" && <p className={css.small}>{t("register.saveFirst")}</p>}
      {asking && number !== null && (
        <ConfirmForm
          device={device}
          scheme={scheme}
          number={number}
          onDone={async () => {
            setAsking(false);
            await onChanged();
          }}
          onCancel={() => setAsking(false)}
        />
      )}
    </div>
  );
}

interface ConfirmFormProps {
  device: RegisterDevice & { evidence: Evidence[] };
  scheme: string;
  number: string;
  onDone: () => Promise<void>;
  onCancel: () => void;
}

/** With a picture of what the registry showed; for all phones with that number where there are more. */
function ConfirmForm({ device: { id, evidence }, scheme, number, onDone, onCancel }: ConfirmFormProps) {
  const { t } = useTranslation();
  const [picture, setPicture] = useState<string | null>(evidence.at(-1)?.id ?? null);
  const [all, setAll] = useState(false);
  const others = useQuery(api.register.list.queryOptions({ input: { q: number, record: "true", limit: 1_000 } })).data?.items;
  const same = (others ?? []).filter(({ record }) => record?.licences[scheme]?.number === number).map((other) => other.id);
  const more = same.filter((other) => other !== id);
  const confirm = useMutation(api.register.confirm.mutationOptions({ onSuccess: onDone }));
  return (
    <form
      className={css.confirm}
      onSubmit={(event) => {
        event.preventDefault();
        if (picture !== null) confirm.mutate({ scheme, number, evidence: picture, devices: all ? [id, ...more] : [id] });
      }}
    >
      {evidence.length === 0 ? (
        <p className={css.dim}>{t("register.pictureFirst")}</p>
      ) : (
        <Select
          size="xs"
          label={t("register.picture")}
          data={evidence.map((each) => ({ value: each.id, label: each.name }))}
          value={picture}
          allowDeselect={false}
          onChange={setPicture}
        />
      )}
      {more.length > 0 && (
        <Checkbox
          size="xs"
          label={t("register.forAll", { count: more.length })}
          checked={all}
          onChange={(event) => setAll(event.currentTarget.checked)}
        />
      )}
      {confirm.error && <ErrorNote error={confirm.error} />}
      <div className={css.deeds}>
        <Button type="submit" size="compact-sm" disabled={picture === null} loading={confirm.isPending}>
          {t("register.confirm")}
        </Button>
        <Button size="compact-sm" variant="subtle" color="gray" onClick={onCancel}>
          {t("device.cancel")}
        </Button>
      </div>
    </form>
  );
}
