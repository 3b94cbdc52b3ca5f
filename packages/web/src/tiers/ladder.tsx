import type { Tenancy, TenantTier, TierRequirement } from "@phonerack/contract/api";
import { IconCircleCheck, IconCircleDashed } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { formatDate } from "../language/format.js";
import { isMet, rankOf, STEPS } from "./requirements.js";
import css from "./tiers.module.css";

/** The four tiers side by side: how many phones each gives, what it asks for, and what of that is there. */
export function Ladder({ tenancy }: { tenancy: Tenancy }) {
  const { t } = useTranslation();
  const reached = rankOf(tenancy.counts);
  return (
    <ol className={css.ladder} aria-label={t("tiers.ladder", { tier: tenancy.counts })}>
      {STEPS.map(({ tier, asks }, step) => (
        <li key={tier} data-reached={step <= reached || undefined} aria-current={step === reached ? "step" : undefined}>
          <span className={css.step}>
            <strong>{tier}</strong> {phonesOf(t, tier, tenancy)}
          </span>
          {asks.length === 0 && <span className={css.small}>{t("tiers.step.T0")}</span>}
          <ul>
            {asks.map((asked) => (
              <Asked key={asked} asked={asked} tenancy={tenancy} />
            ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}

function Asked({ asked, tenancy }: { asked: TierRequirement; tenancy: Tenancy }) {
  const { t } = useTranslation();
  const met = isMet(tenancy, asked);
  const Icon = met ? IconCircleCheck : IconCircleDashed;
  const value = valueFor(t, tenancy, asked);
  return (
    <li className={css.asked} data-met={met || undefined}>
      <Icon size={16} stroke={1.5} aria-hidden="true" />
      <span>
        {t(`tiers.needs.${asked}`)}
        <span className="visually-hidden">: {t(met ? "tiers.met" : "tiers.missing")}</span>
        {value !== undefined && <span className={css.small}>{value}</span>}
      </span>
    </li>
  );
}

function phonesOf(t: TFunction, tier: TenantTier, { grant }: Tenancy): string {
  return tier === "T3" && grant ? t("tiers.granted", { count: grant.phones }) : t(`tiers.phones.${tier}`);
}

function valueFor(t: TFunction, tenancy: Tenancy, asked: TierRequirement): string | undefined {
  switch (asked) {
    case "verified":
      return tenancy.verified ?? undefined;
    case "domain":
      if (tenancy.domain === null || tenancy.ownerAtDomain) return tenancy.domain ?? undefined;
      return t("tiers.noOwnerAt", { domain: tenancy.domain });
    case "responsible":
      return tenancy.responsible?.name;
    case "extract":
      return tenancy.extract?.reference;
    case "sign-off":
      return tenancy.signedOff ? `${tenancy.signedOff.name}, ${formatDate(tenancy.signedOff.at)}` : undefined;
    case "grant": {
      if (!tenancy.grant) return undefined;
      const { overdue, reviewDue } = tenancy.grant;
      return t(overdue ? "tiers.reviewOverdue" : "tiers.reviewDue", { time: formatDate(reviewDue) });
    }
    case "owned-app":
    case "use":
      return undefined;
  }
}

/** The same in one word and four small steps, for a line of a table. */
export function TierMark({ tenancy: { tier, counts } }: { tenancy: Pick<Tenancy, "tier" | "counts"> }) {
  const { t } = useTranslation();
  const [reached, given] = [rankOf(counts), rankOf(tier)];
  return (
    <span className={css.mark}>
      {counts}
      <span className={css.steps} aria-hidden="true">
        {STEPS.map((step, at) => (
          <span
            key={step.tier}
            data-reached={at <= reached || undefined}
            data-fallen={(at > reached && at <= given) || undefined}
          />
        ))}
      </span>
      {given > reached && <span className={css.fallen}>{t("tiers.wasGiven", { tier })}</span>}
    </span>
  );
}

/** In a sentence: what is missing for the next step. */
export function NextStep({ tenancy: { tier, counts, next } }: { tenancy: Tenancy }) {
  const { t } = useTranslation();
  const missing = next?.missing.map((one) => t(`tiers.needs.${one}`)).join(", ") ?? "";
  return (
    <p className={css.next}>
      {tier !== counts && <span className={css.fallen}>{t("tiers.fallen", { tier, counts })} </span>}
      {!next && t("tiers.atTop")}
      {next && t(missing === "" ? "tiers.ready" : "tiers.missingFor", { tier: next.tier, what: missing })}
    </p>
  );
}
