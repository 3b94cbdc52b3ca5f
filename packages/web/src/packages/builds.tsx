import { Button, Skeleton } from "@mantine/core";
import type { App, Build } from "@phonerack/contract/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatBytes, formatTime } from "../language/format.js";
import { useDevices, useLive } from "../live/live.js";
import { SureButton } from "../page/sure-button.js";
import { mayDrive, mayTouch } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import css from "./packages.module.css";

/** The versions of an app that the lab keeps, the newest first, to be installed on what one holds. */
export function Builds({ app }: { app: App }) {
  const { t } = useTranslation();
  const builds = useQuery(api.builds.list.queryOptions({ input: { app: app.id, limit: 100 } }));
  const items = builds.data?.items;
  return (
    <section aria-label={t("builds.title")}>
      <h3 className={css.title}>{t("builds.title")}</h3>
      {builds.isPending && <Skeleton height={40} mb={14} />}
      {builds.error && !items && <ErrorNote error={builds.error} onAgain={() => void builds.refetch()} />}
      {items?.length === 0 && <p className={css.blank}>{t("builds.none")}</p>}
      {items && items.length > 0 && (
        <ul className={css.builds}>
          {items.map((build, at) => (
            <li key={build.id}>
              <Line build={build} newest={at === 0} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Line({ build, newest }: { build: Build; newest: boolean }) {
  const { t } = useTranslation();
  const session = useSession();
  const { orders } = useLive();
  const held = (useDevices() ?? []).filter((device) => mayTouch(session, device)).map(({ id }) => id);
  const { versionName, versionCode, size, abis, files, note, debuggable, uploadedAt, uploadedByName } = build;
  const facts = [
    newest && t("builds.newest"),
    formatBytes(size),
    t("builds.files", { count: files.length }),
    abis.length > 0 ? t("builds.abis", { abis: abis.join(", ") }) : t("builds.anyAbi"),
    debuggable && t("packages.debuggable"),
    t("builds.by", { time: formatTime(uploadedAt), who: uploadedByName }),
  ];
  return (
    <>
      <span className={css.buildWords}>
        <strong>{t("packages.versionValue", { name: versionName, code: versionCode })}</strong> {note}
        <span className={css.dim}>{facts.filter(Boolean).join(" · ")}</span>
      </span>
      {mayDrive(session) && session?.tenant === build.tenant && (
        <span className={css.buildActions}>
          <Button
            size="compact-sm"
            variant={newest ? "filled" : "default"}
            disabled={held.length === 0}
            title={held.length === 0 ? t("builds.noneHeld") : undefined}
            onClick={() => orders.ask({ kind: "install", devices: held, build: build.id })}
          >
            {t("builds.install")}
          </Button>
          <Remove build={build} />
        </span>
      )}
    </>
  );
}

function Remove({ build }: { build: Build }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const remove = useMutation(
    api.builds.remove.mutationOptions({ onSuccess: () => queries.invalidateQueries({ queryKey: api.builds.key() }) }),
  );
  return (
    <>
      <SureButton
        label={t("builds.remove")}
        of={`${build.label} ${build.versionName}`}
        question={t("builds.removeQuestion")}
        pending={remove.isPending}
        onSure={() => remove.mutate({ id: build.id })}
      />
      {remove.error && <ErrorNote error={remove.error} />}
    </>
  );
}
