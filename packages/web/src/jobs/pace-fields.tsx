import { NumberInput, SegmentedControl } from "@mantine/core";
import { JOB_MAX_DEVICES, type JobPace } from "@phonerack/contract/api";
import { useTranslation } from "react-i18next";
import css from "./jobs.module.css";

export interface Pace {
  readonly kind: "all" | "careful" | "own";
  readonly concurrency: number;
  readonly wave: number | null;
  /** Percent. */
  readonly stopAt: number | null;
}

export const ALL_AT_ONCE: Pace = { kind: "all", concurrency: 50, wave: null, stopAt: null };

/** As the API is asked; nothing where its own pace is meant. */
export function paceOf({ kind, concurrency, wave, stopAt }: Pace, size: number): { pace?: Partial<JobPace> } {
  if (size === 1 || kind === "all") return {};
  // Any failure of the first ones stops it; what is right for one wave is mostly right for all.
  if (kind === "careful") return { pace: { wave: Math.max(1, Math.ceil(size / 20)), stopAt: 0 } };
  return { pace: { concurrency, wave, stopAt: stopAt === null ? null : stopAt / 100 } };
}

/** How a job goes about it: all at once, carefully, or by one's own numbers. */
export function PaceFields({ pace, onChange }: { pace: Pace; onChange: (pace: Pace) => void }) {
  const { t } = useTranslation();
  const change = (next: Partial<Pace>) => onChange({ ...pace, ...next });
  return (
    <>
      <SegmentedControl
        size="xs"
        aria-label={t("jobs.pace.title")}
        value={pace.kind}
        data={(["all", "careful", "own"] as const).map((value) => ({ value, label: t(`jobs.pace.${value}`) }))}
        onChange={(kind) => change({ kind: kind as Pace["kind"] })}
      />
      {pace.kind === "careful" && <p className={css.dim}>{t("jobs.pace.carefulHow")}</p>}
      {pace.kind === "own" && (
        <div className={css.fields}>
          <NumberInput
            label={t("jobs.pace.concurrency")}
            min={1}
            max={JOB_MAX_DEVICES}
            allowDecimal={false}
            value={pace.concurrency}
            onChange={(value) => change({ concurrency: Math.max(1, Number(value) || 1) })}
          />
          <NumberInput
            label={t("jobs.pace.wave")}
            placeholder="–"
            min={1}
            max={JOB_MAX_DEVICES}
            allowDecimal={false}
            value={pace.wave ?? ""}
            onChange={(value) => change({ wave: value === "" ? null : Math.max(1, Number(value)) })}
          />
          <NumberInput
            label={t("jobs.pace.stopAt")}
            placeholder={t("jobs.pace.never")}
            min={0}
            max={100}
            allowDecimal={false}
            suffix={t("jobs.pace.stopAtUnit")}
            value={pace.stopAt ?? ""}
            onChange={(value) => change({ stopAt: value === "" ? null : Math.min(100, Math.max(0, Number(value))) })}
          />
        </div>
      )}
    </>
  );
}
