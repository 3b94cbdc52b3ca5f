import { Button, NativeSelect, Radio, Textarea } from "@mantine/core";
import type { Flag, Session } from "@phonerack/contract/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import page from "../page/page.module.css";
import { SureButton } from "../page/sure-button.js";
import css from "./flags.module.css";

const LEAST = 3;
const MOST = 2_000;

interface DecideFormProps {
  readonly flag: Flag;
  readonly session: Session;
  readonly onDone: () => void;
}

/** What a person decides about a flag: it was nothing, or it is right and perhaps ends something. Control decides who may. */
export function DecideForm({ flag, session, onDone }: DecideFormProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [verdict, setVerdict] = useState<"cleared" | "upheld">();
  const [end, setEnd] = useState<"nothing" | "lease" | "organisation">("nothing");
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const decide = useMutation(
    api.flags.decide.mutationOptions({
      onSuccess: async () => {
        onDone();
        await queries.invalidateQueries({ queryKey: api.flags.key() });
      },
    }),
  );
  if (session.kind === "key") return <p className={css.dim}>{t("flags.decide.person")}</p>;
  const ends = verdict === "upheld" ? end : "nothing";
  const short = reason.trim().length < LEAST;
  const send = () => {
    setTried(true);
    if (verdict && !short) decide.mutate({ id: flag.id, verdict, reason: reason.trim(), end: ends });
  };
  return (
    <form
      className={css.form}
      aria-label={t("flags.decide.title")}
      onSubmit={(event) => {
        event.preventDefault();
        if (ends === "nothing" || short) send();
      }}
    >
      <Radio.Group
        label={t("flags.decide.title")}
        value={verdict ?? ""}
        error={tried && !verdict && t("flags.decide.choose")}
        onChange={(value) => setVerdict(value as typeof verdict)}
      >
        <div className={css.choices}>
          {(["upheld", "cleared"] as const).map((one, at) => (
            <Radio
              key={one}
              autoFocus={at === 0}
              size="xs"
              value={one}
              label={t(`flags.decide.${one}`)}
              description={t(`flags.decide.${one}How`)}
            />
          ))}
        </div>
      </Radio.Group>
      {verdict === "upheld" && (
        <NativeSelect
          size="xs"
          className={css.end ?? ""}
          label={t("flags.decide.end")}
          value={end}
          data={endsOf(flag).map((value) => ({ value, label: t(`flags.decide.ends.${value}`) }))}
          onChange={(event) => setEnd(event.currentTarget.value as typeof end)}
        />
      )}
      <Textarea
        size="xs"
        label={t("flags.decide.reason")}
        autosize
        minRows={2}
        maxLength={MOST}
        value={reason}
        error={tried && short && t("flags.decide.tooShort")}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <div className={page.actions}>
        {ends === "nothing" || short ? (
          <Button type="submit" size="compact-sm" loading={decide.isPending}>
            {t(ends === "nothing" ? "flags.decide.do" : "flags.decide.endDo")}
          </Button>
        ) : (
          <SureButton
            side="start"
            label={t("flags.decide.endDo")}
            question={t(ends === "lease" ? "flags.decide.endLease" : "flags.decide.endOrganisation")}
            pending={decide.isPending}
            onSure={send}
          />
        )}
        <Button size="compact-sm" variant="subtle" color="gray" onClick={onDone}>
          {t("device.cancel")}
        </Button>
      </div>
      {decide.error && <ErrorNote error={decide.error} />}
    </form>
  );
}

/** The lab's own organisation cannot be ended. */
function endsOf({ lease, tenant }: Flag): ("nothing" | "lease" | "organisation")[] {
  return ["nothing", ...(lease === null ? [] : (["lease"] as const)), ...(tenant === "lab" ? [] : (["organisation"] as const))];
}
