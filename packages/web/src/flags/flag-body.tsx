import { Button } from "@mantine/core";
import type { Flag, FlagMoment, Session } from "@phonerack/contract/api";
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatDateTime, formatNumber } from "../language/format.js";
import page from "../page/page.module.css";
import { hasRole } from "../session/use-session.js";
import { AppealForm } from "./appeal-form.js";
import { DecideForm } from "./decide-form.js";
import { Figures } from "./figure-bars.js";
import css from "./flags.module.css";
import { Leaves } from "./leaves.js";
import { useLeaves } from "./use-leaves.js";

const MOST_PHONES = 12;

export interface FlagNames {
  readonly phone: (id: string) => string;
  readonly organisation: (id: string) => string;
}

interface FlagBodyProps {
  readonly flag: Flag;
  readonly session: Session;
  readonly names: FlagNames;
  /** Organisations that were flagged for the same. */
  readonly together: readonly string[];
}

/** All about one flag: what was counted, whom it is about, what it rests on, what was said about it, and what can be done. */
export function FlagBody({ flag, session, names, together }: FlagBodyProps) {
  const { t } = useTranslation();
  const [reading, setReading] = useState(false);
  return (
    <>
      <div className={css.facts}>
        <div>
          <p className={css.why}>{t(`flags.rules.${flag.rule}`)}</p>
          <Figures flag={flag} />
        </div>
        <dl className={css.about}>
          <Facts flag={flag} names={names} together={together} />
        </dl>
      </div>
      <History t={t} history={flag.history} />
      <div className={css.part}>
        <button type="button" className={page.link} aria-expanded={reading} onClick={() => setReading(!reading)}>
          {t("flags.leaves", { count: flag.leaves.length })}
        </button>
        {reading && <Leaves cited={flag.leaves} nameOf={names.phone} />}
      </div>
      <Deeds flag={flag} session={session} />
    </>
  );
}

function Facts({ flag, names, together }: Omit<FlagBodyProps, "session">) {
  const { t } = useTranslation();
  const { lease, deviceId, measured } = flag;
  const count = (name: string): number => (typeof measured[name] === "number" ? measured[name] : 0);
  const done = flag.rule === "fan-out" ? count("touches") : count("resets");
  return (
    <>
      {together.length > 0 && <Fact name={t("flags.linked")}>{together.map(names.organisation).join(", ")}</Fact>}
      {typeof measured.package === "string" && (
        <Fact name={t("flags.app")}>
          <span className="mono">{measured.package}</span>
        </Fact>
      )}
      {(flag.rule === "fan-out" || flag.rule === "resets") && done + count("denied") > 0 && (
        <Fact name={t("flags.touches")}>
          {t("flags.touchesOf", { done: formatNumber(done), denied: formatNumber(count("denied")) })}
        </Fact>
      )}
      {flag.rule === "duty" && <Fact name={t("flags.inputs")}>{formatNumber(count("inputs"))}</Fact>}
      {typeof measured.shared === "string" && <Fact name={t("flags.shared")}>{sharedWords(t, measured.shared)}</Fact>}
      {deviceId === null && <Phones cited={flag.leaves} nameOf={names.phone} />}
      {deviceId !== null && (
        <Fact name={t("flags.phone")}>
          <Link to="/devices/$id" params={{ id: deviceId }}>
            {names.phone(deviceId)}
          </Link>
        </Fact>
      )}
      {lease !== null && (
        <Fact name={t("flags.lease")}>
          <Link to="/leases" search={{ lease }} className="mono">
            {lease}
          </Link>
        </Fact>
      )}
      <Fact name={t("flags.since")}>{formatDateTime(flag.at)}</Fact>
      <Fact name={t("flags.pauses")}>
        <span data-paused={flag.paused || undefined} className={css.pause}>
          {pauseWords(t, flag)}
        </span>
      </Fact>
    </>
  );
}

/** Those that its entries in the log name. */
function Phones({ cited, nameOf }: { cited: readonly number[]; nameOf: (id: string) => string }) {
  const { t } = useTranslation();
  const { leaves } = useLeaves(cited);
  const ids = [...(leaves?.values() ?? [])].flatMap((leaf) => ("device" in leaf ? [leaf.device] : []));
  const found = [...new Set(ids)].map(nameOf).sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
  if (found.length === 0) return null;
  const more = found.length - MOST_PHONES;
  return (
    <Fact name={t("flags.phones")}>
      {found.slice(0, MOST_PHONES).join(", ")}
      {more > 0 && ` ${t("flags.morePhones", { count: more })}`}
    </Fact>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function pauseWords(t: TFunction, { pauses, paused }: Flag): string {
  const what = t(`flags.pause.${pauses}`);
  return paused || pauses === "nothing" ? what : t("flags.over", { what });
}

function sharedWords(t: TFunction, shared: string): string {
  return shared
    .split(", ")
    .map((one) => t(`flags.sharedOf.${one}`, { defaultValue: one }))
    .join(", ");
}

function History({ t, history }: { t: TFunction; history: readonly FlagMoment[] }) {
  return (
    <ol className={css.history} aria-label={t("flags.history")}>
      {history.map(({ at, what, by, reason }) => (
        <li key={`${at} ${what}`} data-what={what}>
          <span className={css.dim}>{formatDateTime(at)}</span>
          <span>
            {t(`flags.moment.${what}`, { who: by?.name ?? t("flags.watching") })}
            {reason !== "" && <q>{reason}</q>}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** Those who run the lab decide; whom it is about appeals. */
function Deeds({ flag, session }: { flag: Flag; session: Session }) {
  const { t } = useTranslation();
  const [doing, setDoing] = useState<"decide" | "appeal">();
  const decides = session.lab !== null && flag.state !== "cleared";
  const appeals = flag.appealable;
  if (!decides && !appeals) return null;
  const done = () => setDoing(undefined);
  if (doing === "decide") return <DecideForm flag={flag} session={session} onDone={done} />;
  if (doing === "appeal") return <AppealForm id={flag.id} onDone={done} />;
  const waits = flag.state === "open" || flag.state === "appealed";
  return (
    <div className={`${page.actions} ${css.part}`}>
      {decides && (
        <Button size="xs" variant={waits ? "filled" : "default"} onClick={() => setDoing("decide")}>
          {t(waits ? "flags.decide.title" : "flags.decide.again")}
        </Button>
      )}
      {appeals && hasRole(session, "operator") && (
        <Button size="xs" variant="default" onClick={() => setDoing("appeal")}>
          {t("flags.appeal.title")}
        </Button>
      )}
      {appeals && !hasRole(session, "operator") && <span className={css.dim}>{t("flags.appeal.role")}</span>}
    </div>
  );
}
