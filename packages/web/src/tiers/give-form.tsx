import { Button, NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { GRANT_MOST_PHONES, REVIEW_MOST_MS, type Tenancy, type TenantTier, TIER_PHONES } from "@phonerack/contract/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import page from "../page/page.module.css";
import { missingToGive, rankOf, TIERS } from "./requirements.js";
import { dayOf, lastOf, ReviewField, tooFar } from "./review-field.js";
import css from "./tiers.module.css";

const LEAST = 3;
const REVIEW_MS = 90 * 86_400_000;

/** A person gives a tier whose requirements are met, with the reason; T3 with its grant in numbers. */
export function GiveForm({ tenancy }: { tenancy: Tenancy }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [tier, setTier] = useState<TenantTier>(() => suggested(tenancy));
  const [reason, setReason] = useState("");
  const [phones, setPhones] = useState<number | "">(tenancy.grant?.phones ?? "");
  const [review, setReview] = useState(() => dayOf(Date.now() + Math.min(REVIEW_MS, REVIEW_MOST_MS)));
  const [tried, setTried] = useState(false);
  const give = useMutation(
    api.tenancies.give.mutationOptions({
      onSuccess: async () => {
        setReason("");
        setTried(false);
        await queries.invalidateQueries({ queryKey: api.tenancies.key() });
      },
    }),
  );
  const grants = tier === "T3";
  const short = reason.trim().length < LEAST;
  const few = grants && (phones === "" || phones <= TIER_PHONES.T2);
  const late = grants && tooFar(review);
  return (
    <form
      noValidate
      className={css.form}
      aria-label={t("tiers.give")}
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (short || few || late) return;
        const grant = grants && phones !== "" ? { phones, reviewDue: lastOf(review) } : {};
        give.mutate({ id: tenancy.tenant, tier, reason: reason.trim(), ...grant });
      }}
    >
      <div className={css.line}>
        <NativeSelect
          size="xs"
          label={t("tiers.tier")}
          value={tier}
          data={TIERS.map((value) => choiceOf(tenancy, value, t))}
          onChange={(event) => {
            give.reset();
            setTier(event.currentTarget.value as TenantTier);
          }}
        />
        {grants && (
          <NumberInput
            size="xs"
            label={t("tiers.grantPhones")}
            min={TIER_PHONES.T2 + 1}
            max={GRANT_MOST_PHONES}
            allowDecimal={false}
            value={phones}
            error={tried && few && t("tiers.wrong.phones", { least: TIER_PHONES.T2 + 1 })}
            onChange={(value) => setPhones(typeof value === "number" ? value : "")}
          />
        )}
        {grants && <ReviewField value={review} wrong={tried && late} onChange={setReview} />}
        <TextInput
          size="xs"
          className={css.reason ?? ""}
          label={t("tiers.reason")}
          maxLength={500}
          value={reason}
          error={tried && short && t("tiers.wrong.words")}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      </div>
      {rankOf(tier) < rankOf(tenancy.counts) && <p className={css.small}>{t("tiers.lower")}</p>}
      <div className={page.actions}>
        <Button type="submit" size="xs" disabled={tier === tenancy.tier && !grants} loading={give.isPending}>
          {t("tiers.giveDo", { tier })}
        </Button>
      </div>
      {give.error && <ErrorNote error={give.error} />}
    </form>
  );
}

/** The next one, where nothing is missing for it. */
function suggested(tenancy: Tenancy): TenantTier {
  const next = tenancy.next?.tier;
  return next !== undefined && missingToGive(tenancy, next).length === 0 ? next : tenancy.tier;
}

function choiceOf(tenancy: Tenancy, tier: TenantTier, t: TFunction): { value: TenantTier; label: string; disabled: boolean } {
  const missing = missingToGive(tenancy, tier);
  if (missing.length === 0)
    return { value: tier, label: tier === tenancy.tier ? t("tiers.tierHeld", { tier }) : tier, disabled: false };
  const what = missing.map((one) => t(`tiers.needs.${one}`)).join(", ");
  return { value: tier, label: t("tiers.tierMissing", { tier, what }), disabled: true };
}
