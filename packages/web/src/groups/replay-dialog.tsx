import { Button, FileButton, Modal, Select } from "@mantine/core";
import type { GroupId } from "@phonerack/contract/api";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import css from "./group.module.css";

/** Which flow is replayed on the group: one that was kept, or a file from this machine. */
export function ReplayDialog({ group, onClose }: { group: GroupId; onClose: () => void }) {
  const { t } = useTranslation();
  const flows = useQuery(api.flows.list.queryOptions());
  const [flow, setFlow] = useState<string | null>(null);
  const [file, setFile] = useState<File | null>(null);
  const replay = useMutation({
    ...api.groups.replay.mutationOptions(),
    onSuccess: onClose,
  });
  const start = async () => {
    if (file) replay.mutate({ id: group, yaml: await file.text() });
    else if (flow) replay.mutate({ id: group, flow });
  };
  return (
    <Modal opened onClose={onClose} title={t("flows.replayTitle")} size={520}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        <p className={css.dim}>{t("flows.replayHow")}</p>
        <Select
          label={t("flows.which")}
          placeholder={flows.data?.items.length === 0 ? t("flows.none") : t("flows.choose")}
          data={flows.data?.items.map(({ id, name, appId }) => ({ value: id, label: `${name} · ${appId}` })) ?? []}
          value={file ? null : flow}
          onChange={(chosen) => {
            setFlow(chosen);
            setFile(null);
          }}
          searchable
        />
        <div className={css.actions}>
          <FileButton accept=".yaml,.yml" onChange={setFile}>
            {(props) => (
              <Button {...props} size="compact-sm" variant="default">
                {t("flows.file")}
              </Button>
            )}
          </FileButton>
          {file && <span className={css.dim}>{file.name}</span>}
        </div>
        {flows.error && <ErrorNote error={flows.error} onAgain={() => void flows.refetch()} />}
        {replay.error && <ErrorNote error={replay.error} />}
        <div className="form-buttons">
          <Button variant="default" onClick={onClose}>
            {t("device.cancel")}
          </Button>
          <Button type="submit" disabled={!file && !flow} loading={replay.isPending}>
            {t("flows.replayNow")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
