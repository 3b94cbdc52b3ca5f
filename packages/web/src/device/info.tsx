import type { Device } from "@phonerack/contract/api";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { formatDegrees, formatNumber, formatPercent, formatTime } from "../language/format.js";
import { useDevices } from "../live/live.js";
import { SettingsPanel } from "../phone-settings/settings-panel.js";
import { DoubtLine } from "../racks/doubts.js";
import { Identify } from "../racks/identify.js";
import { RegisterLine } from "../register/register-line.js";
import { mayTouch, runsLab } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import { DeviceStatus } from "../status/device-status.js";
import { whoHolds } from "../status/lease-words.js";
import { isolationWords } from "../wall/isolation-mark.js";
import { Forget } from "./forget.js";
import css from "./info.module.css";
import { Steps } from "./steps.js";

/** All that is known of a phone, the most asked first. */
export function Info({ device }: { device: Device }) {
  const { t } = useTranslation();
  return (
    <section className={css.info} aria-label={t("info.label")}>
      <State device={device} />
      {device.notices.length > 0 && (
        <ul className={css.notices} aria-label={t("info.notices")}>
          {device.notices.map(({ code, message }) => (
            <li key={code}>{message}</li>
          ))}
        </ul>
      )}
      <dl className={css.facts}>
        <Facts device={device} />
      </dl>
      <p className={css.kept}>
        {t("privacy.noticed")} <Link to="/account/kept">{t("privacy.open")}</Link>
      </p>
      <SettingsPanel device={device} />
      <Operating device={device} />
      <Steps steps={device.steps} />
    </section>
  );
}

/** What those who run the lab do with a board: find it in the room, say which it is, forget it. */
function Operating({ device }: { device: Device }) {
  const session = useSession();
  const devices = useDevices();
  const operator = runsLab(session);
  const identifies = device.state === "ready" && (mayTouch(session, device) || (operator && device.lease !== "leased"));
  return (
    <>
      {operator && device.doubt && <DoubtLine device={device} devices={devices ?? []} />}
      {identifies && <Identify id={device.id} />}
      {operator && device.state === "lost" && <Forget id={device.id} />}
    </>
  );
}

function State({ device }: { device: Device }) {
  const { t } = useTranslation();
  return (
    <section className={css.state}>
      <div className={css.stateLine}>
        <DeviceStatus device={device} />
        <span className={css.dim}>
          {t(device.state === "ready" ? "info.readySince" : "info.since", { time: formatTime(device.since) })}
        </span>
      </div>
      {/* Why it is in quarantine stands above, with what to do about it. */}
      {device.reason && device.reason !== device.quarantine?.reason && <p>{device.reason}</p>}
    </section>
  );
}

function Facts({ device }: { device: Device }) {
  const { t } = useTranslation();
  const session = useSession();
  const { screen, battery, foreground, holder, labels } = device;
  const quarter = screen?.rotation ? ` · ${t("info.turned", { degrees: screen.rotation * 90 })}` : "";
  return (
    <>
      {holder && (
        <Fact name={t("info.lease")}>
          <Link to="/leases" search={{ lease: holder.lease }}>
            {[whoHolds(t, holder, session), holder.purpose].filter(Boolean).join(" · ")}
          </Link>
        </Fact>
      )}
      <Fact name={t("info.model")}>{modelOf(device)}</Fact>
      <Fact name={t("info.android")}>
        {device.release && t("info.androidValue", { release: device.release, sdk: device.sdk ?? "?" })}
      </Fact>
      <Fact name={t("info.screen")}>{screen && t("info.screenValue", screen) + quarter}</Fact>
      <Fact name={t("info.battery")}>
        {battery &&
          [formatPercent(battery.level), battery.charging && t("info.charging"), formatDegrees(battery.temperature)]
            .filter(Boolean)
            .join(" · ")}
      </Fact>
      <Fact name={t("info.foreground")} mono>
        {foreground && `${foreground.package}\n${foreground.activity}`}
      </Fact>
      {device.crashes && (
        <Fact name={t("crashes.info")}>
          <Link to="." search={{ side: "logs" }}>
            {t("crashes.infoValue", { count: device.crashes.count, last: device.crashes.last })}
          </Link>
        </Fact>
      )}
      {device.denials && device.denials.count > 0 && (
        <Fact name={t("denied.info")}>
          {t("denied.last", {
            shown: formatNumber(device.denials.count),
            time: formatTime(device.denials.at),
            words: device.denials.last,
          })}
        </Fact>
      )}
      <Lawful device={device} />
      {device.fence && device.fence.disabled.length > 0 && (
        <Fact name={t("fence.info")}>{t("fence.infoValue", { count: device.fence.disabled.length })}</Fact>
      )}
      {device.fence?.left.map((each) => (
        <Fact key={each.package} name={t("fence.leftOpen")}>
          {`${each.package}: ${each.reason}`}
        </Fact>
      ))}
      <Fact name={t("info.sound")}>{t(device.audio ? "info.soundYes" : "info.soundNo")}</Fact>
      <Fact name={t("info.place")}>
        {[device.site, device.rack, device.chassis, device.slot && t("info.slot", { slot: formatNumber(device.slot) })]
          .filter(Boolean)
          .join(" · ")}
      </Fact>
      {labels.length > 0 && <Fact name={t("info.labels")}>{labels.join(", ")}</Fact>}
      <Fact name={t("info.reach")}>{t(`info.reachBy.${device.reach}`)}</Fact>
      <Fact name={t("info.address")} mono>
        {device.address}
      </Fact>
      <Fact name={t("info.serial")} mono>
        {device.serial}
      </Fact>
      <Fact name={t("info.agent")} mono>
        {device.agentId}
      </Fact>
      <Fact name={t("info.id")} mono>
        {device.id}
      </Fact>
    </>
  );
}

/** That it gets no route out, and that its labels were changed. */
function Lawful({ device }: { device: Device }) {
  const { t } = useTranslation();
  const session = useSession();
  const { labels = 0, network = 0 } = device.putBack ?? {};
  return (
    <>
      <Fact name={t("isolation.info")}>{isolationWords(t, device) ?? t("isolation.public")}</Fact>
      {runsLab(session) && device.reach !== "virtual" && (
        <Fact name={t("register.info")}>
          <RegisterLine id={device.id} />
        </Fact>
      )}
      {network > 0 && <Fact name={t("isolation.radios")}>{t("isolation.radiosPutBack", { count: network })}</Fact>}
      {labels > 0 && <Fact name={t("isolation.labels")}>{t("isolation.labelsPutBack", { count: labels })}</Fact>}
    </>
  );
}

function Fact({ name, mono, children }: { name: string; mono?: boolean; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <>
      <dt>{name}</dt>
      <dd className={mono ? "mono" : undefined}>{children || <span className={css.dim}>{t("info.unknown")}</span>}</dd>
    </>
  );
}

/** Many makers begin their models' names with their own. */
function modelOf({ manufacturer, model }: Device): string {
  if (!manufacturer || model?.toLocaleLowerCase().startsWith(manufacturer.toLocaleLowerCase())) return model ?? "";
  return [manufacturer, model].filter(Boolean).join(" ");
}
