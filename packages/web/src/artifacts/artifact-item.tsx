import { ActionIcon, Button } from "@mantine/core";
import type { Artifact } from "@phonerack/contract/api";
import { IconBug, IconDownload, IconFile, IconFileText, IconPhoto, IconVideo } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatBytes, formatCountdown, formatDateTime } from "../language/format.js";
import { SureButton } from "../page/sure-button.js";
import { mayDrive } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import { artifactUrl } from "./artifact-url.js";
import css from "./artifacts.module.css";

const ICONS = { recording: IconVideo, screenshot: IconPhoto, log: IconFileText, crash: IconBug, file: IconFile } as const;

/** One artifact in a line: what it is, how large, how long it stays. Films and pictures are shown in their place. */
export function ArtifactItem({ artifact }: { artifact: Artifact }) {
  const { t } = useTranslation();
  const session = useSession();
  const queries = useQueryClient();
  const [shown, setShown] = useState(false);
  const { id, kind, name, state, type } = artifact;
  const remove = useMutation(
    api.artifacts.remove.mutationOptions({ onSuccess: () => queries.invalidateQueries({ queryKey: api.artifacts.key() }) }),
  );
  const Icon = ICONS[kind];
  const whole = state !== "writing";
  const showable = whole && (type === "video/mp4" || type === "image/png");
  return (
    <li className={css.item}>
      <span className={css.icon} title={t(`artifacts.kind.${kind}`)}>
        <Icon size={18} stroke={1.5} aria-hidden="true" />
        <span className="visually-hidden">{t(`artifacts.kind.${kind}`)}</span>
      </span>
      <div className={css.words}>
        {showable ? (
          <button
            type="button"
            className={css.name}
            aria-expanded={shown}
            aria-label={t(shown ? "artifacts.hide" : "artifacts.show", { name })}
            onClick={() => setShown(!shown)}
          >
            {name}
          </button>
        ) : whole && type.startsWith("text/plain") ? (
          <a className={css.name} href={artifactUrl(artifact)} target="_blank" rel="noreferrer">
            {name}
          </a>
        ) : (
          <span className={css.name}>{name}</span>
        )}
        <Facts artifact={artifact} />
      </div>
      <div className={css.actions}>
        {whole && (
          <ActionIcon
            component="a"
            href={artifactUrl(artifact)}
            download={name}
            variant="default"
            size={26}
            title={t("artifacts.download", { name })}
            aria-label={t("artifacts.download", { name })}
          >
            <IconDownload size={16} stroke={1.5} aria-hidden="true" />
          </ActionIcon>
        )}
        {whole && mayDrive(session) && artifact.tenant === session?.tenant && (
          <SureButton
            label={t("artifacts.remove")}
            of={name}
            question={t("artifacts.removeSure")}
            pending={remove.isPending}
            onSure={() => remove.mutate({ id })}
          />
        )}
      </div>
      {shown && showable && <Shown artifact={artifact} />}
      {remove.error && <ErrorNote error={remove.error} />}
    </li>
  );
}

function Facts({ artifact: { size, ms, state, createdAt, createdByName, expiresAt } }: { artifact: Artifact }) {
  const { t } = useTranslation();
  const words = [
    formatDateTime(createdAt),
    createdByName,
    ms !== null && formatCountdown(ms),
    formatBytes(size),
    expiresAt === null ? t("artifacts.forGood") : t("artifacts.until", { time: formatDateTime(expiresAt) }),
  ];
  return (
    <span className={css.facts}>
      {state === "writing" && <strong>{t("artifacts.growing")} · </strong>}
      {state === "cut" && <strong title={t("artifacts.cutHow")}>{t("artifacts.cut")} · </strong>}
      {words.filter(Boolean).join(" · ")}
    </span>
  );
}

function Shown({ artifact }: { artifact: Artifact }) {
  const { t } = useTranslation();
  const [broken, setBroken] = useState(false);
  const source = artifactUrl(artifact);
  if (broken) {
    return (
      <p className={css.shown}>
        {t("artifacts.unplayable")}{" "}
        <Button component="a" href={source} download={artifact.name} size="compact-sm" variant="default">
          {t("artifacts.download", { name: "" })}
        </Button>
      </p>
    );
  }
  if (artifact.type === "image/png")
    return <img className={css.shown} src={source} alt={artifact.name} onError={() => setBroken(true)} />;
  return (
    // biome-ignore lint/a11y/useMediaCaption: what a phone showed has no captions
    <video className={css.shown} src={source} controls autoPlay aria-label={artifact.name} onError={() => setBroken(true)} />
  );
}
