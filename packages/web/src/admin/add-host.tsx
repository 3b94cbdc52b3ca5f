import { Button, Skeleton } from "@mantine/core";
import type { AgentView, JoinCode } from "@phonerack/contract/api";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatCountdown } from "../language/format.js";
import { CopyLine } from "../page/copy-line.js";
import page from "../page/page.module.css";
import css from "./admin.module.css";

/** A code for one host: the command to run there, how long it works, and that the host has come. */
export function AddHost({ agents, onDone }: { agents: readonly AgentView[]; onDone: () => void }) {
  const { t } = useTranslation();
  const code = useMutation(api.agents.code.mutationOptions());
  const before = useRef(new Set(agents.map(({ id }) => id)));
  const { mutate } = code;
  useEffect(() => mutate(undefined), [mutate]);
  const joined = agents.find(({ id }) => !before.current.has(id));
  return (
    <div className={page.block}>
      {joined && <p role="status">{t("hosts.joined", { name: joined.id })}</p>}
      {!joined && code.isPending && <Skeleton height={40} />}
      {!joined && code.data && <Code key={code.data.code} code={code.data} onAgain={() => mutate(undefined)} />}
      {code.error && <ErrorNote error={code.error} onAgain={() => mutate(undefined)} />}
      <Button mt={10} size="xs" variant="default" onClick={onDone}>
        {joined ? t("hosts.done") : t("device.cancel")}
      </Button>
    </div>
  );
}

function Code({ code: { command, expiresAt }, onAgain }: { code: JoinCode; onAgain: () => void }) {
  const { t } = useTranslation();
  const left = useLeft(expiresAt);
  if (left <= 0) {
    return (
      <div role="status">
        <p className={css.hint}>{t("hosts.over")}</p>
        <Button size="xs" onClick={onAgain}>
          {t("hosts.again")}
        </Button>
      </div>
    );
  }
  return (
    <>
      <p className={css.hint}>{t("hosts.run")}</p>
      <CopyLine text={command} />
      <p className={page.hint}>{t("hosts.left", { time: formatCountdown(left) })}</p>
    </>
  );
}

/** Milliseconds until then, each second anew. */
function useLeft(until: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return until - now;
}
