import { API_PREFIX, type App } from "@phonerack/contract/api";
import { IconChevronRight, IconPackage } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatDateTime, formatTime } from "../language/format.js";
import { runsLab } from "../session/may.js";
import { hasRole, useSession } from "../session/use-session.js";
import { AppActions } from "./app-actions.js";
import css from "./apps.module.css";
import { OwnershipMark } from "./ownership-mark.js";
import { Prove } from "./prove.js";
import { shortDigest } from "./short-digest.js";

interface AppItemProps {
  app: App;
  opened: boolean;
  onToggle: () => void;
}

/** One (package, signer); opened, all that is known of it, and how it becomes one's own. */
export function AppItem({ app, opened, onToggle }: AppItemProps) {
  const obstacle = app.ownership ? undefined : app.obstacles[0];
  return (
    <li className={css.item} data-opened={opened || undefined}>
      <button type="button" className={css.line} aria-expanded={opened} onClick={onToggle}>
        <IconChevronRight size={14} stroke={1.5} className={css.arrow} aria-hidden="true" />
        {app.hasIcon ? (
          <img className={css.icon} src={`${API_PREFIX}/apps/${app.id}/icon`} alt="" loading="lazy" />
        ) : (
          <span className={css.icon}>
            <IconPackage size={20} stroke={1.5} aria-hidden="true" />
          </span>
        )}
        <span className={css.names}>
          <strong>{app.label}</strong>
          <span className={`${css.dim} mono`}>{app.package}</span>
        </span>
        <span className={css.version}>{app.versionName || String(app.versionCode)}</span>
        <span className={css.signer} title={`${app.signerName}\n${app.signer}`}>
          {app.signerName} <span className={`${css.dim} mono`}>{shortDigest(app.signer)}</span>
        </span>
        <OwnershipMark app={app} />
      </button>
      {obstacle && !opened && <p className={css.obstacle}>{obstacle.message}</p>}
      {opened && <Opened app={app} />}
    </li>
  );
}

function Opened({ app }: { app: App }) {
  const { t } = useTranslation();
  const session = useSession();
  const { ownership, obstacles } = app;
  const own = app.tenant === session?.tenant;
  const provable = !ownership && obstacles.length === 0 && own && hasRole(session, "operator");
  return (
    <div className={css.opened}>
      <dl className={css.facts}>
        <dt>{t("apps.version")}</dt>
        <dd>{t("apps.versionValue", { name: app.versionName, code: app.versionCode })}</dd>
        <dt>{t("apps.signer")}</dt>
        <dd>
          {app.signerName}
          <br />
          <span className="mono">{app.signer}</span>
        </dd>
        <dt>{t("apps.scheme")}</dt>
        <dd>{t("apps.schemeValue", { scheme: app.scheme })}</dd>
        <dt>{t("apps.uploaded")}</dt>
        <dd>{formatDateTime(app.uploadedAt)}</dd>
        {!own && (
          <>
            <dt>{t("apps.tenant")}</dt>
            <dd>{app.tenant}</dd>
          </>
        )}
        {ownership && (
          <>
            <dt>{t("apps.ownership")}</dt>
            <dd>
              {t(`apps.howWords.${ownership.how}`, { who: ownership.byName, time: formatTime(ownership.at) })}
              {ownership.reason && ownership.how !== "demo" && <> {t("apps.because", { reason: ownership.reason })}</>}
            </dd>
          </>
        )}
      </dl>
      {obstacles.map(({ code, message }) => (
        <p key={code} className={css.obstacle}>
          {message}
        </p>
      ))}
      {!ownership && obstacles.length === 0 && !provable && !runsLab(session) && <p>{t("apps.askOperator")}</p>}
      {provable && <Prove app={app} />}
      <AppActions app={app} />
    </div>
  );
}
