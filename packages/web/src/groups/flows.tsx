import { Button, FileButton, Modal, Skeleton } from "@mantine/core";
import type { Flow } from "@phonerack/contract/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatDateTime } from "../language/format.js";
import page from "../page/page.module.css";
import { saveFile } from "../page/save-file.js";
import { Blank, Section } from "../page/section.js";
import { SureButton } from "../page/sure-button.js";
import { mayDrive } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import css from "./groups.module.css";

/** Recorded sessions as Maestro flow files: kept, looked at, taken along, brought in. */
export function Flows() {
  const { t } = useTranslation();
  const may = mayDrive(useSession());
  const flows = useQuery(api.flows.list.queryOptions());
  const [shown, setShown] = useState<string>();
  return (
    <Section title={t("flows.title")} hint={t("flows.hint")} action={may && <BringIn />}>
      {flows.isPending && <Skeleton height={16} my={14} />}
      {flows.error && <ErrorNote error={flows.error} onAgain={() => void flows.refetch()} />}
      {flows.data?.items.length === 0 && <Blank title={t("flows.none")} />}
      {flows.data && flows.data.items.length > 0 && (
        <table className={page.table}>
          <thead>
            <tr>
              <th>{t("flows.name")}</th>
              <th>{t("flows.app")}</th>
              <th>{t("flows.made")}</th>
              <th>
                <span className="visually-hidden">{t("admin.actions")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {flows.data.items.map((flow) => (
              <Line key={flow.id} flow={flow} may={may} onShow={() => setShown(flow.id)} />
            ))}
          </tbody>
        </table>
      )}
      {shown && <FlowDialog id={shown} onClose={() => setShown(undefined)} />}
    </Section>
  );
}

function Line({ flow, may, onShow }: { flow: Omit<Flow, "yaml">; may: boolean; onShow: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const remove = useMutation(
    api.flows.remove.mutationOptions({ onSuccess: () => queries.invalidateQueries({ queryKey: api.flows.key() }) }),
  );
  return (
    <tr>
      <td>
        {flow.name}
        {remove.error && <ErrorNote error={remove.error} />}
      </td>
      <td className="mono">{flow.appId}</td>
      <td data-name={t("flows.made")} className={page.nowrap}>
        {formatDateTime(flow.createdAt)}
      </td>
      <td>
        <Button size="compact-sm" variant="default" onClick={onShow}>
          {t("flows.show")}
        </Button>{" "}
        {may && (
          <SureButton
            label={t("flows.remove")}
            of={flow.name}
            question={t("flows.removeQuestion")}
            pending={remove.isPending}
            onSure={() => remove.mutate({ id: flow.id })}
          />
        )}
      </td>
    </tr>
  );
}

function FlowDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { data: flow, error, isPending } = useQuery(api.flows.get.queryOptions({ input: { id } }));
  return (
    <Modal opened onClose={onClose} title={flow?.name ?? t("flows.title")} size={640}>
      {isPending && <Skeleton height={200} />}
      {error && <ErrorNote error={error} />}
      {flow && (
        <>
          <pre className={`${css.yaml} mono`}>{flow.yaml}</pre>
          <div className={page.actions}>
            <Button
              size="xs"
              variant="default"
              onClick={() => saveFile(new Blob([flow.yaml], { type: "text/plain" }), `${flow.name}.yaml`)}
            >
              {t("flows.download")}
            </Button>
          </div>
        </>
      )}
    </Modal>
  );
}

/** A flow file from this machine, e.g. one written for Maestro. */
function BringIn() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const save = useMutation({
    ...api.flows.save.mutationOptions(),
    onSuccess: () => queries.invalidateQueries({ queryKey: api.flows.key() }),
  });
  const take = async (file: File | null) => {
    if (!file) return;
    save.mutate({ name: file.name.replace(/\.ya?ml$/i, "").slice(0, 80) || "flow", yaml: await file.text() });
  };
  return (
    <>
      {save.error && <ErrorNote error={save.error} />}
      <FileButton accept=".yaml,.yml" onChange={(file) => void take(file)}>
        {(props) => (
          <Button {...props} size="xs" variant="default" loading={save.isPending}>
            {t("flows.bring")}
          </Button>
        )}
      </FileButton>
    </>
  );
}
