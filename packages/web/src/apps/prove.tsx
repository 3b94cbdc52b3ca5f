import { Button, Select, Textarea } from "@mantine/core";
import type { App, Nonce } from "@phonerack/contract/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatTime } from "../language/format.js";
import { CopyLine } from "../page/copy-line.js";
import css from "./apps.module.css";

const ALGORITHMS = ["rsa", "rsa-pss", "ecdsa"] as const;
type Algorithm = (typeof ALGORITHMS)[number];

/** How it becomes one's own: a command that signs on this person's machine; by hand for those who have no phonerack there. */
export function Prove({ app }: { app: App }) {
  const { t } = useTranslation();
  const [byHand, setByHand] = useState(false);
  return (
    <section className={css.prove} aria-label={t("apps.prove")}>
      <h3>{t("apps.prove")}</h3>
      <p className={css.dim}>{t("apps.proveHow")}</p>
      <CopyLine text={`phonerack apps prove ${app.id} --key signing-key.pem`} />
      <CopyLine text={`phonerack apps prove ${app.id} --keystore release.jks --alias release`} />
      {byHand ? (
        <ByHand app={app} />
      ) : (
        <Button size="compact-sm" variant="subtle" color="gray" mt={8} onClick={() => setByHand(true)}>
          {t("apps.byHand")}
        </Button>
      )}
    </section>
  );
}

/** The message to sign is made only now: it can be signed once, and not for long. */
function ByHand({ app }: { app: App }) {
  const { t } = useTranslation();
  const nonce = useMutation(api.apps.nonce.mutationOptions());
  if (!nonce.data) {
    return (
      <div className={css.byHand}>
        <p className={css.dim}>{t("apps.byHandHow")}</p>
        <Button size="compact-sm" variant="default" loading={nonce.isPending} onClick={() => nonce.mutate({ id: app.id })}>
          {t("apps.askNonce")}
        </Button>
        {nonce.error && <ErrorNote error={nonce.error} />}
      </div>
    );
  }
  return <SignByHand app={app} nonce={nonce.data} onAnother={() => nonce.mutate({ id: app.id })} />;
}

function SignByHand({ app, nonce, onAnother }: { app: App; nonce: Nonce; onAnother: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [algorithm, setAlgorithm] = useState<Algorithm>("rsa");
  const [signature, setSignature] = useState("");
  const prove = useMutation(
    api.apps.prove.mutationOptions({ onSuccess: () => queries.invalidateQueries({ queryKey: api.apps.key() }) }),
  );
  return (
    <form
      className={css.byHand}
      onSubmit={(event) => {
        event.preventDefault();
        prove.mutate({ id: app.id, nonce: nonce.nonce, algorithm, signature: signature.replaceAll(/\s/g, "") });
      }}
    >
      <p className={css.dim}>{t("apps.message", { time: formatTime(nonce.expiresAt) })}</p>
      <pre className={`${css.message} mono`}>{nonce.message}</pre>
      <CopyLine text={`printf %s "$MESSAGE" | openssl dgst -sha256 -sign signing-key.pem | base64 -w0`} />
      <Select
        size="xs"
        label={t("apps.algorithm")}
        data={ALGORITHMS.map((value) => ({ value, label: t(`apps.algorithms.${value}`) }))}
        value={algorithm}
        allowDeselect={false}
        onChange={(value) => setAlgorithm((value as Algorithm | null) ?? "rsa")}
      />
      <Textarea
        size="xs"
        required
        autosize
        maxRows={6}
        label={t("apps.signature")}
        value={signature}
        onChange={(event) => setSignature(event.currentTarget.value)}
      />
      {prove.error && <ErrorNote error={prove.error} />}
      <div className={css.actions}>
        <Button type="submit" size="xs" loading={prove.isPending}>
          {t("apps.proveNow")}
        </Button>
        <Button size="xs" variant="default" onClick={onAnother}>
          {t("apps.anotherNonce")}
        </Button>
      </div>
    </form>
  );
}
