import { TextInput } from "@mantine/core";
import { REVIEW_MOST_MS } from "@phonerack/contract/api";
import { useTranslation } from "react-i18next";

const DAY_MS = 86_400_000;

/** As date fields have it, by the clock of who reads it. */
export function dayOf(at: number): string {
  const date = new Date(at);
  const two = (part: number) => String(part).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The end of that day, but never later than a quarter from now; NaN for no day. */
export function lastOf(day: string, now = Date.now()): number {
  const end = new Date(`${day}T23:59:59`).getTime();
  return end - now < REVIEW_MOST_MS + DAY_MS ? Math.min(end, now + REVIEW_MOST_MS - 60_000) : end;
}

/** No day, or one that no grant may wait for. */
export function tooFar(day: string, now = Date.now()): boolean {
  const end = lastOf(day, now);
  return !(end > now && end <= now + REVIEW_MOST_MS);
}

interface ReviewFieldProps {
  readonly value: string;
  readonly wrong: boolean;
  readonly onChange: (day: string) => void;
}

/** On which day a grant is looked at again. */
export function ReviewField({ value, wrong, onChange }: ReviewFieldProps) {
  const { t } = useTranslation();
  return (
    <TextInput
      size="xs"
      type="date"
      label={t("tiers.review")}
      min={dayOf(Date.now() + DAY_MS)}
      max={dayOf(Date.now() + REVIEW_MOST_MS)}
      value={value}
      error={wrong && t("tiers.reviewHint")}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
