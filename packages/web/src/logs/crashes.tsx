import type { Crash, DeviceId } from "@phonerack/contract/api";
import { API_PREFIX } from "@phonerack/contract/api";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatMoment } from "../language/format.js";
import css from "./crashes.module.css";

const SHOWN = 50;
/** A screenshot and a picture are kept some seconds after the crash is known. */
const LATER_MS = 3_000;
const SETTLED_MS = 30_000;

interface CrashesProps {
  deviceId: DeviceId;
  lease: string;
  /** Of the last one. */
  at: number;
}

/** The apps that crashed or did not respond in this lease, the newest first. */
export function Crashes({ deviceId, lease, at }: CrashesProps) {
  const { t } = useTranslation();
  const input = { device: deviceId, lease, limit: String(SHOWN) };
  const crashes = useQuery({
    ...api.crashes.list.queryOptions({ input }),
    queryKey: [...api.crashes.list.queryKey({ input }), at],
    placeholderData: (before) => before,
    refetchInterval: () => (Date.now() - at < SETTLED_MS ? LATER_MS : false),
  });
  if (crashes.error) return <ErrorNote error={crashes.error} onAgain={() => void crashes.refetch()} />;
  return (
    <section className={css.crashes} aria-label={t("crashes.label")}>
      {crashes.data?.items.map((crash) => (
        <OneCrash key={crash.id} crash={crash} />
      ))}
    </section>
  );
}

function OneCrash({ crash }: { crash: Crash }) {
  const { t } = useTranslation();
  const { kind, exception, message, at, versionName, stack, stackArtifact, screenshot, recording } = crash;
  return (
    <details className={css.crash}>
      <summary>
        <IconAlertTriangle size={16} stroke={1.5} aria-hidden="true" />
        <strong>{t(`crashes.kind.${kind}`)}</strong>
        <span>{crash.package}</span>
        <span className={css.dim}>{[formatMoment(at), versionName].filter(Boolean).join(" · ")}</span>
        <span className={css.cause}>{[exception, message].filter(Boolean).join(": ")}</span>
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
      <pre tabIndex={0}>{stack}</pre>
      <div className={css.pictures}>
        {screenshot && <img src={contentOf(screenshot)} alt={t("crashes.screenshot")} loading="lazy" />}
        {recording && (
          // biome-ignore lint/a11y/useMediaCaption: nobody has written what is said on a phone.
          <video src={contentOf(recording)} controls preload="metadata" aria-label={t("crashes.recording")} />
        )}
      </div>
      {stackArtifact && (
        <a href={contentOf(stackArtifact)} download>
          {t("crashes.download")}
        </a>
      )}
    </details>
  );
}

function contentOf(artifact: string): string {
  return `${API_PREFIX}/artifacts/${artifact}/content`;
}
