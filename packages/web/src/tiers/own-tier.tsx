import { Skeleton } from "@mantine/core";
import type { Session } from "@phonerack/contract/api";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import page from "../page/page.module.css";
import { Row, Section } from "../page/section.js";
import { Held } from "./held.js";
import { Ladder, NextStep } from "./ladder.js";
import css from "./tiers.module.css";

/** How many phones one's own organisation may hold, and what is missing for more. */
export function OwnTier({ session }: { session: Session }) {
  const { t } = useTranslation();
  const own = useQuery(api.tenancies.own.queryOptions({ refetchInterval: 30_000 }));
  return (
    <Section title={session.tenantName ?? t("tiers.own")} hint={t("tiers.ownHint")}>
      {own.isPending && <Skeleton height={160} my={12} />}
      {own.error && <ErrorNote error={own.error} onAgain={() => void own.refetch()} />}
      {own.data && !own.data.applies && <p className={css.small}>{t("tiers.none")}</p>}
      {own.data?.applies && (
        <>
          <Row name={t("tiers.held")}>
            <Held tenancy={own.data} />
          </Row>
          {own.data.state !== "active" && (
            <Row name={t("tiers.stateTitle")}>
              <span className={css.fallen}>{t(`tiers.stateHint.${own.data.state}`)}</span>
            </Row>
          )}
          <div className={page.block}>
            <Ladder tenancy={own.data} />
            <NextStep tenancy={own.data} />
            {own.data.use !== null && <blockquote className={css.use}>{own.data.use}</blockquote>}
          </div>
        </>
      )}
    </Section>
  );
}
