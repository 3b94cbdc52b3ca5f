import { Button, Skeleton } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, client } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import page from "../page/page.module.css";
import { Row, Section } from "../page/section.js";
import { useSession } from "../session/use-session.js";
import { Erase } from "./erase.js";
import { KeptTable } from "./kept-table.js";
import { saveData } from "./save-data.js";

/** What the lab keeps of who asks, for how long and why; all of it as a file; and its erasure. */
export function KeptPage() {
  const { t } = useTranslation();
  const session = useSession();
  const kept = useQuery(api.privacy.kept.queryOptions());
  return (
    <div className={page.page}>
      <h1>{t("privacy.title")}</h1>
      <Section title={t("privacy.list")} hint={t("privacy.never")}>
        {kept.isPending && <Skeleton height={320} my={12} />}
        {kept.error && <ErrorNote error={kept.error} onAgain={() => void kept.refetch()} />}
        {kept.data && <KeptTable items={kept.data.items} counted />}
      </Section>
      {session?.kind === "person" && (
        <>
          <Download />
          {session.email !== null && <Erase email={session.email} />}
        </>
      )}
      {session && session.kind !== "person" && <p className={page.hint}>{t("privacy.noPerson")}</p>}
    </div>
  );
}

function Download() {
  const { t } = useTranslation();
  const download = useMutation({ mutationFn: async () => saveData(await client.privacy.export(), t("privacy.fileName")) });
  return (
    <Section title={t("privacy.take")} hint={t("privacy.takeHint")}>
      <Row name={t("privacy.file")}>
        <Button size="xs" variant="default" loading={download.isPending} onClick={() => download.mutate()}>
          {t("privacy.download")}
        </Button>
        {download.data && download.data.length > 0 && (
          <p className={page.hint} role="status">
            {t("privacy.cut", { tables: download.data.join(", ") })}
          </p>
        )}
        {download.error && <ErrorNote error={download.error} />}
      </Row>
    </Section>
  );
}
