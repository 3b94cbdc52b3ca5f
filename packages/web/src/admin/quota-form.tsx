import { Button, NumberInput } from "@mantine/core";
import type { Tenant } from "@phonerack/contract/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import page from "../page/page.module.css";
import css from "./admin.module.css";

/** What an organisation may hold at once and use in a month; an empty field sets no bound. */
export function QuotaForm({ tenant: { id, quota }, onDone }: { tenant: Tenant; onDone: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [devicesAtOnce, setDevices] = useState<number | null>(quota.devicesAtOnce);
  const [hoursPerMonth, setHours] = useState<number | null>(quota.hoursPerMonth);
  const save = useMutation(
    api.tenants.quota.mutationOptions({
      onSuccess: async () => {
        onDone();
        await queries.invalidateQueries({ queryKey: api.tenants.key() });
      },
    }),
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ id, devicesAtOnce, hoursPerMonth });
      }}
    >
      <div className={css.fields}>
        <NumberInput
          size="xs"
          label={t("tenants.devicesAtOnce")}
          min={0}
          max={100_000}
          allowDecimal={false}
          value={devicesAtOnce ?? ""}
          onChange={(value) => setDevices(typeof value === "number" ? value : null)}
        />
        <NumberInput
          size="xs"
          label={t("tenants.hoursPerMonth")}
          min={0}
          max={10_000_000}
          allowDecimal={false}
          value={hoursPerMonth ?? ""}
          onChange={(value) => setHours(typeof value === "number" ? value : null)}
        />
        <Button type="submit" size="xs" loading={save.isPending}>
          {t("tenants.save")}
        </Button>
        <Button size="xs" variant="subtle" color="gray" onClick={onDone}>
          {t("device.cancel")}
        </Button>
      </div>
      <p className={page.hint}>{t("tenants.empty")}</p>
      {save.error && <ErrorNote error={save.error} />}
    </form>
  );
}
