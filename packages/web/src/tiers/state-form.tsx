import { Button, TextInput } from "@mantine/core";
import type { Tenancy, TenancyState } from "@phonerack/contract/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import page from "../page/page.module.css";
import { SureButton } from "../page/sure-button.js";
import { dayOf, lastOf, ReviewField, tooFar } from "./review-field.js";
import css from "./tiers.module.css";

const LEAST = 3;
const REVIEW_MS = 90 * 86_400_000;

/** Pauses an organisation, lets it go on, ends it; each with the reason. */
export function StateForm({ tenancy }: { tenancy: Tenancy }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const set = useMutation(
    api.tenancies.setState.mutationOptions({
      onSuccess: async () => {
        setReason("");
        setTried(false);
        await queries.invalidateQueries({ queryKey: api.tenancies.key() });
      },
    }),
  );
  const short = reason.trim().length < LEAST;
  const to = (state: TenancyState) => {
    setTried(true);
    if (!short) set.mutate({ id: tenancy.tenant, state, reason: reason.trim() });
  };
  const { state } = tenancy;
  return (
    <form
      className={css.form}
      aria-label={t("tiers.stateTitle")}
      onSubmit={(event) => {
        event.preventDefault();
        to(state === "active" ? "paused" : "active");
      }}
    >
      <p className={css.small}>{t(`tiers.stateHint.${state}`)}</p>
      <div className={css.line}>
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
      <div className={page.actions}>
        <Button type="submit" size="compact-sm" variant="default" loading={set.isPending}>
          {t(state === "active" ? "tiers.pause" : "tiers.resume")}
        </Button>
        {state !== "ended" && short && (
          <Button size="compact-sm" variant="default" onClick={() => setTried(true)}>
            {t("tiers.end")}
          </Button>
        )}
        {state !== "ended" && !short && (
          <SureButton
            side="start"
            label={t("tiers.end")}
            question={t("tiers.endQuestion")}
            pending={set.isPending}
            onSure={() => to("ended")}
          />
        )}
      </div>
      {set.error && <ErrorNote error={set.error} />}
    </form>
  );
}

/** A grant above 20 phones was looked at, and goes on until then. */
export function ReviewForm({ tenant }: { tenant: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const [day, setDay] = useState(() => dayOf(Date.now() + REVIEW_MS));
  const [tried, setTried] = useState(false);
  const review = useMutation(
    api.tenancies.review.mutationOptions({
      onSuccess: async () => {
        setReason("");
        setTried(false);
        await queries.invalidateQueries({ queryKey: api.tenancies.key() });
      },
    }),
  );
  const short = reason.trim().length < LEAST;
  return (
    <form
      noValidate
      className={css.form}
      aria-label={t("tiers.reviewed")}
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!short && !tooFar(day)) review.mutate({ id: tenant, reviewDue: lastOf(day), reason: reason.trim() });
      }}
    >
      <div className={css.line}>
        <ReviewField value={day} wrong={tried && tooFar(day)} onChange={setDay} />
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
      <div className={page.actions}>
        <Button type="submit" size="xs" variant="default" loading={review.isPending}>
          {t("tiers.reviewDo")}
        </Button>
      </div>
      {review.error && <ErrorNote error={review.error} />}
    </form>
  );
}
