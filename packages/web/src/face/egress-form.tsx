import { Button, Textarea } from "@mantine/core";
import type { EgressPrefix } from "@phonerack/contract/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatDateTime } from "../language/format.js";
import page from "../page/page.module.css";
import { SureButton } from "../page/sure-button.js";
import { SAME, soonest, weigh } from "./egress-state.js";
import css from "./face.module.css";

/** All addresses that there are to be; what is refused is told beside them. Announced for good, so it asks once more. */
export function EgressForm({ all, onDone }: { all: readonly EgressPrefix[]; onDone: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const open = all.filter(({ until }) => until === null).map(({ prefix }) => prefix);
  const [text, setText] = useState(open.join("\n"));
  const announce = useMutation(
    api.face.egress.mutationOptions({
      onSuccess: async () => {
        onDone();
        await queries.invalidateQueries({ queryKey: api.face.key() });
      },
    }),
  );
  const now = Date.now();
  const weighed = weigh(text, all, now);
  const touched = text !== open.join("\n");
  const wrong = weighed.wrong === SAME ? t("egress.same") : weighed.wrong;
  return (
    <form className={`${page.block} ${css.form}`} aria-label={t("egress.change")} onSubmit={(event) => event.preventDefault()}>
      <Textarea
        size="xs"
        className={css.prefixes ?? ""}
        label={t("egress.prefixes")}
        description={t("egress.prefixesHint")}
        placeholder={"81.2.69.0/28\n2a00:1450:4001::/48"}
        autoFocus
        autosize
        minRows={3}
        maxLength={1_000}
        value={text}
        error={touched && wrong !== undefined && wrong}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <p className={css.small}>
        {t("egress.when")}:{" "}
        {all.length === 0 ? t("egress.atOnce") : t("egress.soonest", { time: formatDateTime(soonest(all, now)) })}
      </p>
      <div className={page.actions}>
        {weighed.wrong === undefined ? (
          <SureButton
            side="start"
            label={t("egress.do")}
            question={t("egress.sure")}
            pending={announce.isPending}
            onSure={() => announce.mutate({ prefixes: weighed.prefixes })}
          />
        ) : (
          <Button size="compact-sm" variant="default" disabled>
            {t("egress.do")}
          </Button>
        )}
        <Button size="compact-sm" variant="subtle" color="gray" onClick={onDone}>
          {t("device.cancel")}
        </Button>
      </div>
      {announce.error && <ErrorNote error={announce.error} />}
    </form>
  );
}
