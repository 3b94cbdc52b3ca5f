import { Button, Skeleton } from "@mantine/core";
import type { Session, Tenancy, Tenant } from "@phonerack/contract/api";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatNumber } from "../language/format.js";
import page from "../page/page.module.css";
import { Section } from "../page/section.js";
import { Declaration } from "../tiers/declaration.js";
import { Held } from "../tiers/held.js";
import { TierMark } from "../tiers/ladder.js";
import { Part } from "../tiers/part.js";
import { TierPanel } from "../tiers/tier-panel.js";
import tiers from "../tiers/tiers.module.css";
import css from "./admin.module.css";
import { NewTenant } from "./new-tenant.js";
import { QuotaForm } from "./quota-form.js";
import { RetentionForm } from "./retention-form.js";
import { Use } from "./use.js";

/** All organisations: how much they may rent, what they use, what they may use. */
export function Tenants({ session }: { session: Session }) {
  const { t } = useTranslation();
  const [making, setMaking] = useState(false);
  const tenants = useQuery(api.tenants.list.queryOptions({ refetchInterval: 30_000 }));
  const tenancies = useQuery(api.tenancies.list.queryOptions({ refetchInterval: 30_000 }));
  const tenancyOf = (id: string) => tenancies.data?.items.find(({ tenant }) => tenant === id);
  const action = session.lab === "owner" && !making && (
    <Button size="compact-sm" onClick={() => setMaking(true)}>
      {t("tenants.create")}
    </Button>
  );
  return (
    <>
      <Section title={t("admin.organisations")} hint={t("tenants.hint")} action={action}>
        {making && <NewTenant onDone={() => setMaking(false)} />}
        {tenants.isPending && <Skeleton height={16} my={14} />}
        {tenants.error && <ErrorNote error={tenants.error} onAgain={() => void tenants.refetch()} />}
        {tenancies.error && <ErrorNote error={tenancies.error} onAgain={() => void tenancies.refetch()} />}
        {tenants.data && (
          <table className={page.table}>
            <thead>
              <tr>
                <th>{t("tenants.name")}</th>
                <th>{t("tiers.title")}</th>
                <th>{t("tenants.members")}</th>
                <th>{t("tenants.devices")}</th>
                <th>{t("tenants.hours")}</th>
                <th>
                  <span className="visually-hidden">{t("admin.actions")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {tenants.data.items.map((tenant) => (
                <Line key={tenant.id} tenant={tenant} tenancy={tenancyOf(tenant.id)} session={session} />
              ))}
            </tbody>
          </table>
        )}
      </Section>
      {tenancies.data && <Declaration declaration={tenancies.data.declaration} session={session} />}
    </>
  );
}

function Line({ tenant, tenancy, session }: { tenant: Tenant; tenancy: Tenancy | undefined; session: Session }) {
  const { t } = useTranslation();
  const [editing, setEditing] = useState(false);
  return (
    <>
      <tr>
        <td>
          {tenant.name} <span className={`${css.small} mono`}>{tenant.id}</span>
          {tenancy && tenancy.state !== "active" && <span className={tiers.fallen}>{t(`tiers.state.${tenancy.state}`)}</span>}
        </td>
        <td data-name={t("tiers.title")}>
          {tenancy?.applies && (
            <span className={tiers.tier}>
              <TierMark tenancy={tenancy} />
              <Held tenancy={tenancy} />
            </span>
          )}
        </td>
        <td data-name={t("tenants.members")}>{formatNumber(tenant.members)}</td>
        <td data-name={t("tenants.devices")}>
          <Use name={t("tenants.devices")} used={tenant.use.devices} most={tenant.quota.devicesAtOnce} />
        </td>
        <td data-name={t("tenants.hours")}>
          <Use name={t("tenants.hours")} used={tenant.use.hours} most={tenant.quota.hoursPerMonth} />
        </td>
        <td>
          <Button
            size="compact-sm"
            variant="default"
            aria-label={t("tiers.manageOf", { name: tenant.name })}
            aria-expanded={editing}
            onClick={() => setEditing(!editing)}
          >
            {t("tiers.manage")}
          </Button>
        </td>
      </tr>
      {editing && (
        <tr>
          <td colSpan={6} style={{ textAlign: "left" }}>
            {tenancy && <TierPanel tenancy={tenancy} session={session} />}
            <Part title={t("tiers.quotaTitle")} open={!tenancy?.applies}>
              <QuotaForm tenant={tenant} onDone={() => setEditing(false)} />
              <RetentionForm tenant={tenant.id} />
            </Part>
          </td>
        </tr>
      )}
    </>
  );
}
