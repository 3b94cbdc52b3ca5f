import { Button } from "@mantine/core";
import type { Device } from "@phonerack/contract/api";
import { IconHandStop, IconTerminal2, IconX } from "@tabler/icons-react";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import "@xterm/xterm/css/xterm.css";
import { sentence } from "../api/sentence.js";
import { FenceConsent, useFencePreview } from "../groups/fence-consent.js";
import { mayTouch } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import css from "./shell.module.css";
import { type ShellSession, type ShellState, shellOf } from "./shell-session.js";

/** A shell on one phone that one holds. */
export function Shell({ device }: { device: Device }) {
  const { t } = useTranslation();
  const session = useSession();
  if (!mayTouch(session, device)) return <p className={css.none}>{t("shell.notYours")}</p>;
  const shell = shellOf(device.id, device.hold.epoch);
  return <OneShell key={device.hold.epoch} shell={shell} device={device} />;
}

function OneShell({ shell, device }: { shell: ShellSession; device: Device }) {
  const { t } = useTranslation();
  const state = useSyncExternalStore(shell.subscribe, shell.get);
  if (state.phase === "none") {
    return device.state === "ready" ? (
      <Before shell={shell} device={device} />
    ) : (
      <p className={css.none}>{t("shell.notReady")}</p>
    );
  }
  return (
    <section className={css.shell} aria-label={t("shell.title")}>
      <div className={css.head}>
        <span role="status" className={css.dim}>
          {state.phase === "open" ? t("shell.open", { name: device.name }) : <End state={state} />}
        </span>
        {state.phase === "open" ? (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<IconX size={14} stroke={1.5} aria-hidden="true" />}
            onClick={() => shell.close()}
          >
            {t("shell.close")}
          </Button>
        ) : (
          <Reopen shell={shell} device={device} />
        )}
      </div>
      {state.stalled && (
        <p className={css.stalled} role="alert">
          <IconHandStop size={16} stroke={1.5} aria-hidden="true" />
          <span>{t("shell.stalled", { reason: state.stalled })}</span>
        </p>
      )}
      <Screen key={state.phase === "open" ? "open" : "ended"} shell={shell} />
    </section>
  );
}

function Screen({ shell }: { shell: ShellSession }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => (place.current ? shell.attach(place.current) : undefined), [shell]);
  return <div ref={place} className={css.screen} />;
}

/** What opening it means, before it is opened: other apps are disabled meanwhile. */
function Before({ shell, device }: { shell: ShellSession; device: Device }) {
  const { t } = useTranslation();
  const preview = useFencePreview([device.id]);
  const ask = (preview.summary?.ask.length ?? 0) > 0;
  return (
    <section className={css.before} aria-label={t("shell.title")}>
      <p>{t("shell.fence")}</p>
      {ask && <FenceConsent preview={preview} />}
      <Button
        loading={preview.pending}
        leftSection={<IconTerminal2 size={16} stroke={1.5} aria-hidden="true" />}
        onClick={() => shell.open(ask)}
      >
        {t(ask ? "shell.agree" : "shell.begin")}
      </Button>
      <p className={css.dim}>{t("shell.keys")}</p>
    </section>
  );
}

function Reopen({ shell, device }: { shell: ShellSession; device: Device }) {
  const { t } = useTranslation();
  // Who opened it once has agreed, or nobody had to.
  return (
    <Button size="compact-xs" variant="default" disabled={device.state !== "ready"} onClick={() => shell.open(true)}>
      {t("shell.again")}
    </Button>
  );
}

function End({ state: { exitCode, error } }: { state: ShellState }) {
  const { t } = useTranslation();
  if (error) return sentence(error);
  return exitCode === undefined ? t("shell.closed") : t("shell.exited", { code: exitCode });
}
