import { Button, Skeleton } from "@mantine/core";
import type { FaceSettings, Session } from "@phonerack/contract/api";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { Blank, Row, Section } from "../page/section.js";
import css from "./face.module.css";
import { FaceForm } from "./face-form.js";

const DOCUMENTS = ["/.well-known/phonerack.json", "/.well-known/phonerack-egress.json"] as const;

/** Who runs the lab and where people complain, as everybody can read it; its owner says it. */
export function FaceSection({ session }: { session: Session }) {
  const { t } = useTranslation();
  const [editing, setEditing] = useState(false);
  const face = useQuery(api.face.get.queryOptions());
  const settings = face.data?.settings;
  const owner = session.lab === "owner";
  const action = owner && face.data && !editing && (
    <Button size="compact-sm" variant={settings ? "default" : "filled"} onClick={() => setEditing(true)}>
      {t(settings ? "face.edit" : "face.say")}
    </Button>
  );
  return (
    <Section title={t("face.title")} hint={t("face.hint")} action={action}>
      {face.isPending && <Skeleton height={140} my={12} />}
      {face.error && <ErrorNote error={face.error} onAgain={() => void face.refetch()} />}
      {face.data && editing && <FaceForm set={settings ?? null} onDone={() => setEditing(false)} />}
      {face.data && !editing && !settings && <Blank title={t(owner ? "face.missing" : "face.missingRead")} />}
      {settings && !editing && <Said settings={settings} />}
    </Section>
  );
}

function Said({ settings }: { settings: FaceSettings }) {
  const { t } = useTranslation();
  const { operator, abuseEmail, abuseUrl, ptrSuffix, responseHours } = settings;
  const none = <span className={css.dim}>{t("face.none")}</span>;
  return (
    <>
      <Row name={t("face.operator")}>{operator}</Row>
      <Row name={t("face.abuseEmail")}>{abuseEmail}</Row>
      <Row name={t("face.abuseUrl")}>
        {abuseUrl === null ? (
          none
        ) : (
          <a href={abuseUrl} target="_blank" rel="noreferrer" className={css.out}>
            {abuseUrl}
          </a>
        )}
      </Row>
      <Row name={t("face.ptrSuffix")}>{ptrSuffix === null ? none : <span className="mono">{ptrSuffix}</span>}</Row>
      <Row name={t("face.within")}>{t("face.hours", { count: responseHours })}</Row>
      <Row name={t("face.published")}>
        <span className={css.documents}>
          {DOCUMENTS.map((path) => (
            <a key={path} href={path} target="_blank" rel="noreferrer" className={`${css.out} mono`}>
              {path}
            </a>
          ))}
        </span>
      </Row>
    </>
  );
}
