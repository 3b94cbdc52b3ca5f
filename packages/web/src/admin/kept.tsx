import { Button, NumberInput, Skeleton } from "@mantine/core";
import type { PrivacyDays, Session } from "@phonerack/contract/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import page from "../page/page.module.css";
import { Section } from "../page/section.js";
import { KeptTable } from "../privacy/kept-table.js";
import css from "./admin.module.css";

/** After how many days at least each can be deleted. */
const LEAST: PrivacyDays = { leases: 30, events: 30, work: 7, cases: 30 };
const FIELDS = ["leases", "events", "work", "cases"] as const;

/** What the lab keeps of people and for how long; its owner says how long. */
export function KeptByLab({ session }: { session: Session }) {
  const { t } = useTranslation();
  const kept = useQuery(api.privacy.kept.queryOptions());
  return (
    <Section title={t("privacy.lab")} hint={t("privacy.labHint")}>
      {kept.isPending && <Skeleton height={320} my={12} />}
      {kept.error && <ErrorNote error={kept.error} onAgain={() => void kept.refetch()} />}
      {kept.data && (
        <>
          {session.lab === "owner" && <Days key={JSON.stringify(kept.data.days)} set={kept.data.days} />}
          <KeptTable items={kept.data.items} />
        </>
      )}
    </Section>
  );
}

function Days({ set }: { set: PrivacyDays }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [days, setDays] = useState(set);
  const save = useMutation(
    api.privacy.setDays.mutationOptions({ onSuccess: () => queries.invalidateQueries({ queryKey: api.privacy.key() }) }),
  );
  const shorter = FIELDS.filter((field) => days[field] < set[field]);
  const changed = FIELDS.some((field) => days[field] !== set[field]);
  return (
    <form
      className={page.block}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(days);
      }}
    >
      <div className={`${css.fields} ${css.days}`}>
        {FIELDS.map((field) => (
          <NumberInput
            key={field}
            size="xs"
            label={t(`privacy.field.${field}`)}
            min={LEAST[field]}
            max={3_650}
            allowDecimal={false}
            clampBehavior="blur"
            required
            withAsterisk={false}
            value={days[field]}
            onChange={(value) => typeof value === "number" && setDays({ ...days, [field]: value })}
          />
        ))}
        <Button type="submit" size="xs" disabled={!changed} loading={save.isPending}>
          {t("tenants.save")}
        </Button>
      </div>
      {shorter.length > 0 && (
        <p className={page.hint} role="status">
          {t("privacy.shorter")}
        </p>
      )}
      {save.error && <ErrorNote error={save.error} />}
    </form>
  );
}
