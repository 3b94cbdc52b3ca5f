import { Button } from "@mantine/core";
import type { DeviceId, Job } from "@phonerack/contract/api";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorNote } from "../frame/error-note.js";
import { useActor } from "../session/use-session.js";
import { Consent } from "../workbench/consent.js";
import { useStartJob } from "../workbench/use-dock.js";
import css from "./jobs.module.css";

/** The fence waited for a word on these phones: what it would disable, and the same once more when somebody agrees. */
export function AgreeAfter({ job, devices }: { job: Job; devices: readonly DeviceId[] }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const actor = useActor();
  const [asked, setAsked] = useState(false);
  const { start, pending, error } = useStartJob((next) => void navigate({ to: "/jobs/$id", params: { id: next.id } }));
  // What was to be written into a clipboard, nobody kept.
  if (job.actor !== actor || job.action.type === "clipboard") return null;
  const { action, name, pace } = job;
  return (
    <div className={css.agree}>
      {asked ? (
        <Consent
          devices={devices}
          pending={pending}
          onAgree={() => start({ action, name, pace, devices: [...devices], agreed: true })}
        />
      ) : (
        <Button size="compact-sm" variant="default" onClick={() => setAsked(true)}>
          {t("jobs.showFence")}
        </Button>
      )}
      {error !== undefined && <ErrorNote error={error} />}
    </div>
  );
}
