import { Button, CopyButton } from "@mantine/core";
import { API_PREFIX, type JobOutcome } from "@phonerack/contract/api";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { sentence } from "../api/sentence.js";
import { CopyLine } from "../page/copy-line.js";
import css from "./jobs.module.css";

/** More lines than this are shown when asked for. */
const MOST_LINES = 12;

/** What came of it, in words and as it was printed. */
export function OutcomeBody({ state, result, error }: Pick<JobOutcome, "state" | "result" | "error">) {
  const { t } = useTranslation();
  const printed = result?.stdout !== undefined || result?.stderr !== undefined;
  const silent = printed && !result.stdout && !result.stderr;
  return (
    <div className={css.outcomeBody}>
      {error && error.code !== "command_failed" && (
        <p className={css.why}>
          {sentence(error)} <span className={`${css.code} mono`}>{error.code}</span>
        </p>
      )}
      {!error && state !== "done" && <p className={css.dim}>{t(`jobs.taskHow.${state}`)}</p>}
      {result?.versionName != null && <p>{t("jobs.installed", { name: result.versionName, code: result.versionCode ?? "?" })}</p>}
      {result?.note && <p>{result.note}</p>}
      {silent && <p className={css.dim}>{t("jobs.nothingPrinted")}</p>}
      {result?.stdout && <Printed label={t("jobs.stdout")} text={result.stdout} />}
      {result?.stderr && <Printed label={t("jobs.stderr")} text={result.stderr} bad />}
      {result?.truncated && <p className={css.dim}>{t("jobs.truncated")}</p>}
      {result?.artifact && (
        <a className={css.link} href={`${API_PREFIX}/artifacts/${result.artifact}/content`} target="_blank" rel="noreferrer">
          {t("jobs.showArtifact")}
        </a>
      )}
    </div>
  );
}

function Printed({ label, text, bad = false }: { label: string; text: string; bad?: boolean }) {
  const { t } = useTranslation();
  const [whole, setWhole] = useState(false);
  const plain = text.replace(/\r?\n$/, "");
  const lines = plain.split("\n");
  if (lines.length === 1 && plain.length < 200 && !bad) return <CopyLine text={plain} />;
  const long = lines.length > MOST_LINES;
  return (
    <figure className={css.printed} data-bad={bad || undefined}>
      <figcaption>
        {label}
        <CopyButton value={plain}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="default" onClick={copy}>
              {copied ? t("wall.copied") : t("wall.copy")}
            </Button>
          )}
        </CopyButton>
      </figcaption>
      <pre className="mono">{long && !whole ? lines.slice(0, MOST_LINES).join("\n") : plain}</pre>
      {long && (
        <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setWhole((before) => !before)}>
          {t(whole ? "jobs.showLess" : "jobs.showAll")}
        </Button>
      )}
    </figure>
  );
}
