import { Button, NumberInput, Select } from "@mantine/core";
import { TENANT_TRIALS_A_DAY } from "@phonerack/contract/api";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import page from "../page/page.module.css";
import { Section } from "../page/section.js";
import css from "./apps.module.css";

/** On how many phones a day an organisation's people may freely try others' apps by hand. */
export function Trials() {
  const { t } = useTranslation();
  const tenants = useQuery(api.tenants.list.queryOptions());
  const [tenant, setTenant] = useState<string | null>(null);
  const [most, setMost] = useState<number>(TENANT_TRIALS_A_DAY);
  const set = useMutation(api.permits.trials.mutationOptions());
  const done = set.data && set.variables.id === tenant ? set.data : undefined;
  return (
    <Section title={t("trials.title")} hint={t("trials.hint")}>
      <form
        className={`${page.block} ${css.fields}`}
        onSubmit={(event) => {
          event.preventDefault();
          if (tenant) set.mutate({ id: tenant, devicesPerDay: most });
        }}
      >
        <Select
          size="xs"
          label={t("permits.tenant")}
          data={tenants.data?.items.map(({ id, name }) => ({ value: id, label: name })) ?? []}
          value={tenant}
          onChange={setTenant}
          searchable
        />
        <NumberInput
          size="xs"
          label={t("trials.perDay")}
          description={t("trials.usual", { count: TENANT_TRIALS_A_DAY })}
          min={0}
          max={100}
          allowDecimal={false}
          value={most}
          onChange={(value) => setMost(Number(value) || 0)}
        />
        <Button type="submit" size="xs" disabled={!tenant} loading={set.isPending}>
          {t("trials.set")}
        </Button>
      </form>
      {done && (
        <p className={css.dim} role="status">
          {t("trials.done", { most: done.devicesPerDay, used: done.usedToday })}
        </p>
      )}
      {set.error && <ErrorNote error={set.error} />}
    </Section>
  );
}
