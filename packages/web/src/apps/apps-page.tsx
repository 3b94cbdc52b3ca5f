import { Skeleton } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import page from "../page/page.module.css";
import { Blank, Section } from "../page/section.js";
import { mayDrive, runsLab } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import { AppItem } from "./app-item.js";
import css from "./apps.module.css";
import { Permits } from "./permits.js";
import { Trials } from "./trials.js";
import { UploadZone } from "./upload-zone.js";

/** Whose apps are whose: uploaded, proved, permitted. Only proved ones are driven by groups, scripts and adb. */
export function AppsPage() {
  const { t } = useTranslation();
  const session = useSession();
  const queries = useQueryClient();
  const apps = useQuery(api.apps.list.queryOptions({ input: { limit: 1_000 } }));
  const [opened, setOpened] = useState<string>();
  return (
    <div className={`${page.page} ${css.wide}`}>
      <h1>{t("apps.title")}</h1>
      {mayDrive(session) && (
        <UploadZone
          onUploaded={({ id, ownership }) => {
            // One that is not proved yet shows how right away.
            if (!ownership) setOpened(id);
            void queries.invalidateQueries({ queryKey: api.apps.key() });
          }}
        />
      )}
      <Section title={t("apps.list")} hint={t("apps.hint")}>
        {apps.isPending && <Skeleton height={40} my={14} />}
        {apps.error && <ErrorNote error={apps.error} onAgain={() => void apps.refetch()} />}
        {apps.data?.items.length === 0 && <Blank title={t("apps.none")} />}
        {apps.data && apps.data.items.length > 0 && (
          <ul className={css.list}>
            {apps.data.items.map((app) => (
              <AppItem
                key={app.id}
                app={app}
                opened={app.id === opened}
                onToggle={() => setOpened((before) => (before === app.id ? undefined : app.id))}
              />
            ))}
          </ul>
        )}
      </Section>
      <Permits />
      {runsLab(session) && <Trials />}
    </div>
  );
}
