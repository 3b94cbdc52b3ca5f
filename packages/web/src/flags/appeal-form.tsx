import { Button, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import page from "../page/page.module.css";
import css from "./flags.module.css";

const LEAST = 3;

/** Whom a flag is about disagrees, in words. */
export function AppealForm({ id, onDone }: { id: string; onDone: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const short = reason.trim().length < LEAST;
  const appeal = useMutation(
    api.flags.appeal.mutationOptions({
      onSuccess: async () => {
        onDone();
        await queries.invalidateQueries({ queryKey: api.flags.key() });
      },
    }),
  );
  return (
    <form
      className={css.form}
      aria-label={t("flags.appeal.title")}
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!short) appeal.mutate({ id, reason: reason.trim() });
      }}
    >
      <Textarea
        size="xs"
        label={t("flags.appeal.reason")}
        description={t("flags.appeal.hint")}
        autoFocus
        autosize
        minRows={2}
        maxLength={2_000}
        value={reason}
        error={tried && short && t("flags.decide.tooShort")}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <div className={page.actions}>
        <Button type="submit" size="xs" loading={appeal.isPending}>
          {t("flags.appeal.do")}
        </Button>
        <Button size="xs" variant="subtle" color="gray" onClick={onDone}>
          {t("device.cancel")}
        </Button>
      </div>
      {appeal.error && <ErrorNote error={appeal.error} />}
    </form>
  );
}
