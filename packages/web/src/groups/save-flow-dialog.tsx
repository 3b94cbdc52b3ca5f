import { Button, Modal, Skeleton, TextInput } from "@mantine/core";
import type { GroupId } from "@phonerack/contract/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import css from "./group.module.css";

/** What was recorded, as the file that it becomes, and under which name it is kept. */
export function SaveFlowDialog({ group, onClose }: { group: GroupId; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const recorded = useQuery(api.groups.recorded.queryOptions({ input: { id: group }, staleTime: 0, gcTime: 0 }));
  const [name, setName] = useState("");
  const save = useMutation(
    api.flows.save.mutationOptions({
      onSuccess: () => {
        void queries.invalidateQueries({ queryKey: api.flows.key() });
        onClose();
      },
    }),
  );
  const { yaml, steps = 0 } = recorded.data ?? {};
  return (
    <Modal opened onClose={onClose} title={t("flows.saveTitle")} size={560}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (yaml) save.mutate({ name, yaml });
        }}
      >
        <TextInput
          data-autofocus
          required
          maxLength={80}
          label={t("flows.name")}
          placeholder={t("flows.example")}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {recorded.isPending && <Skeleton height={120} />}
        {recorded.error && <ErrorNote error={recorded.error} onAgain={() => void recorded.refetch()} />}
        {yaml !== undefined && (
          <>
            <p className={css.dim}>{t("flows.recorded", { count: steps })}</p>
            <pre className={`${css.yaml} mono`}>{yaml}</pre>
          </>
        )}
        {save.error && <ErrorNote error={save.error} />}
        <div className="form-buttons">
          <Button variant="default" onClick={onClose}>
            {t("flows.discard")}
          </Button>
          <Button type="submit" disabled={!yaml || steps === 0} loading={save.isPending}>
            {t("flows.save")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
