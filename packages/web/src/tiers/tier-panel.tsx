import type { Session, Tenancy } from "@phonerack/contract/api";
import { useTranslation } from "react-i18next";
import { FactsForm } from "./facts-form.js";
import { GiveForm } from "./give-form.js";
import { Ladder, NextStep } from "./ladder.js";
import { Part } from "./part.js";
import { ReviewForm, StateForm } from "./state-form.js";
import css from "./tiers.module.css";

/** How much an organisation may rent, what that rests on, and what those who run the lab do about it. */
export function TierPanel({ tenancy, session }: { tenancy: Tenancy; session: Session }) {
  const { t } = useTranslation();
  if (!tenancy.applies) return <p className={css.small}>{t(tenancy.tenant === "lab" ? "tiers.labs" : "tiers.none")}</p>;
  return (
    <div className={css.panel}>
      <Ladder tenancy={tenancy} />
      <NextStep tenancy={tenancy} />
      {tenancy.use !== null && <blockquote className={css.use}>{tenancy.use}</blockquote>}
      <Part title={t("tiers.facts")} open={tenancy.next?.missing.some((one) => one !== "owned-app") ?? false}>
        <FactsForm tenancy={tenancy} />
      </Part>
      {session.kind === "key" ? (
        <p className={css.small}>{t("tiers.person")}</p>
      ) : (
        <>
          <Part title={t("tiers.give")}>
            <GiveForm key={`${tenancy.tier} ${tenancy.next?.missing.join()}`} tenancy={tenancy} />
          </Part>
          {tenancy.tier === "T3" && tenancy.grant && (
            <Part title={t("tiers.reviewed")} open={tenancy.grant.overdue}>
              <ReviewForm tenant={tenancy.tenant} />
            </Part>
          )}
          <Part title={t("tiers.stateTitle")} open={tenancy.state !== "active"}>
            <StateForm tenancy={tenancy} />
          </Part>
        </>
      )}
    </div>
  );
}
