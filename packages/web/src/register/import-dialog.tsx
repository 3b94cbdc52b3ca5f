import { Button, Modal, Progress } from "@mantine/core";
import { REGISTER_IMPORT_MAX, type RegisterImport } from "@phonerack/contract/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatNumber } from "../language/format.js";
import { DropZone } from "./drop-zone.js";
import { ImportPreview } from "./import-preview.js";
import { ImportProblems } from "./import-problems.js";
import css from "./register.module.css";

const ACCEPT = ".csv,.tsv,.txt,.yaml,.yml,text/csv,application/yaml";

interface Chosen {
  readonly name: string;
  readonly text: string;
}

type Refusal = "tooLong" | "noText";

/** Many records from a file: what it would change is shown before it does; all of it is taken or nothing. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<Chosen>();
  const [refusal, setRefusal] = useState<Refusal>();
  const preview = useMutation(api.register.import.mutationOptions());
  const apply = useMutation(
    api.register.import.mutationOptions({ onSuccess: () => queries.invalidateQueries({ queryKey: api.register.key() }) }),
  );
  const choose = async ([file]: readonly File[]) => {
    if (!file) return;
    preview.reset();
    apply.reset();
    setChosen(undefined);
    const text = await readText(file);
    setRefusal(typeof text === "string" ? text : undefined);
    if (typeof text === "string") return;
    setChosen({ name: file.name, text: text.text });
    preview.mutate({ text: text.text, dryRun: true });
  };
  const plan = preview.data;
  const done = apply.data?.applied ? apply.data : undefined;
  return (
    <Modal opened onClose={onClose} title={t("register.importTitle")} size={920} classNames={{ body: css.import ?? "" }}>
      {!done && (
        <DropZone
          words={chosen ? chosen.name : t("register.dropFile")}
          button={t(chosen ? "register.chooseOther" : "register.chooseFile")}
          accept={ACCEPT}
          onFiles={(files) => void choose(files)}
        />
      )}
      {!chosen && <Shape />}
      {refusal && <p role="alert">{t(`register.refusal.${refusal}`, { most: formatNumber(REGISTER_IMPORT_MAX) })}</p>}
      {preview.isPending && <Busy words={t("register.reading")} />}
      {preview.error && <ErrorNote error={preview.error} />}
      {plan && !done && <Preview plan={apply.data ?? plan} />}
      {apply.isPending && <Busy words={t("register.applying", { count: changesOf(plan) })} />}
      {apply.error && <ErrorNote error={apply.error} />}
      {done && <Done result={done} />}
      <div className={css.importDeeds}>
        {done ? (
          <Button size="xs" onClick={onClose}>
            {t("register.finished")}
          </Button>
        ) : (
          <>
            <Button size="xs" variant="default" onClick={onClose}>
              {t("device.cancel")}
            </Button>
            <Button
              size="xs"
              disabled={!plan || !chosen || plan.problems.length > 0 || changesOf(plan) === 0}
              loading={apply.isPending}
              onClick={() => chosen && apply.mutate({ text: chosen.text })}
            >
              {t("register.apply", { count: changesOf(plan) })}
            </Button>
          </>
        )}
      </div>
    </Modal>
  );
}

function Busy({ words }: { words: string }) {
  return (
    <div role="status">
      <p className={css.dim}>{words}</p>
      <Progress size={4} value={100} animated striped aria-label={words} />
    </div>
  );
}

/** What a file looks like, for who has none yet. */
function Shape() {
  const { t } = useTranslation();
  return (
    <div className={css.shape}>
      <p className={css.dim}>{t("register.fileShape")}</p>
      <pre className="mono">
        {
          "device,model,imei1,nal.number,nal.model,nal.expires\nV01-03,TET-AN00,864725048031204,00-D710-208871,TET-AN00,2027-03-31"
        }
      </pre>
    </div>
  );
}

function Preview({ plan }: { plan: RegisterImport }) {
  return (
    <>
      {plan.problems.length > 0 && <ImportProblems problems={plan.problems} />}
      {plan.devices.length > 0 && <ImportPreview devices={plan.devices} />}
    </>
  );
}

/** What came of it: how many records, and whose class is another now. */
function Done({ result: { devices } }: { result: RegisterImport }) {
  const { t } = useTranslation();
  const changed = devices.filter(({ what }) => what !== "same").length;
  const freed = devices.filter(({ class: { from, to } }) => from === "isolated" && to === "public").length;
  const shut = devices.filter(({ class: { from, to } }) => from === "public" && to === "isolated").length;
  const still = devices.filter(({ class: { to } }) => to === "isolated").length;
  return (
    <div role="status" className={css.result}>
      <p>
        <strong>{t("register.imported", { count: changed })}</strong>
      </p>
      <ul>
        {freed > 0 && <li>{t("register.freed", { count: freed })}</li>}
        {shut > 0 && <li>{t("register.shut", { count: shut })}</li>}
        <li>{t("register.stillIsolated", { count: still })}</li>
      </ul>
    </div>
  );
}

function changesOf(plan: RegisterImport | undefined): number {
  return plan?.devices.filter(({ what }) => what !== "same").length ?? 0;
}

/** Only what is text, and no longer than the API takes. */
async function readText(file: File): Promise<{ text: string } | Refusal> {
  // UTF-8 has at most four bytes for a character.
  if (file.size > REGISTER_IMPORT_MAX * 4) return "tooLong";
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
    return text.length > REGISTER_IMPORT_MAX ? "tooLong" : { text };
  } catch {
    return "noText";
  }
}
