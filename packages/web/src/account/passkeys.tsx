import { Button, Skeleton, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorNote } from "../frame/error-note.js";
import { formatDateTime } from "../language/format.js";
import { auth, PasskeyCancelled, told } from "../log-in/auth.js";
import { Failure } from "../log-in/failure.js";
import { passkeysWork } from "../log-in/passkeys.js";
import { Blank, Section } from "../page/section.js";
import { SureButton } from "../page/sure-button.js";
import { useAskSessionAgain } from "../session/use-session.js";
import css from "./account.module.css";

const KEY = ["passkeys"];

function usePasskeys() {
  return useQuery({ queryKey: KEY, queryFn: () => told(auth.$fetch<readonly Passkey[]>("/passkey/list-user-passkeys")) });
}

interface Passkey {
  readonly id: string;
  readonly name?: string | null;
  readonly createdAt: Date | string;
}

/** The passkeys that log one in. */
export function Passkeys() {
  const { t } = useTranslation();
  const passkeys = usePasskeys();
  return (
    <Section title={t("account.passkeys")} hint={t("account.passkeysHint")}>
      {passkeys.isPending && <Skeleton height={16} width={200} my={14} />}
      {passkeys.error && <ErrorNote error={passkeys.error} onAgain={() => void passkeys.refetch()} />}
      {passkeys.data?.length === 0 && <Blank title={t("account.passkeyNone")} />}
      {passkeys.data && passkeys.data.length > 0 && (
        <ul className={css.list}>
          {passkeys.data.map((passkey) => (
            <Item key={passkey.id} passkey={passkey} />
          ))}
        </ul>
      )}
      <Add />
    </Section>
  );
}

function Item({ passkey: { id, name, createdAt } }: { passkey: Passkey }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const askAgain = useAskSessionAgain();
  const remove = useMutation({
    mutationFn: () => told(auth.$fetch("/passkey/delete-passkey", { method: "POST", body: { id } })),
    onSuccess: async () => {
      await Promise.all([queries.invalidateQueries({ queryKey: KEY }), askAgain()]);
    },
  });
  return (
    <li className={css.item}>
      <div>
        {name || t("account.passkeyUnnamed")}
        <span className={css.fact}>{t("account.since", { time: formatDateTime(new Date(createdAt).getTime()) })}</span>
        <Failure error={remove.error} />
      </div>
      <SureButton
        label={t("account.remove")}
        of={name ?? ""}
        question={t("account.removePasskey")}
        pending={remove.isPending}
        onSure={() => remove.mutate()}
      />
    </li>
  );
}

function Add() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const askAgain = useAskSessionAgain();
  const [name, setName] = useState("");
  const add = useMutation({
    mutationFn: () => told(auth.passkey.addPasskey({ name: name.trim() || t("account.passkeyDefault") })),
    onSuccess: async () => {
      setName("");
      await Promise.all([queries.invalidateQueries({ queryKey: KEY }), askAgain()]);
    },
  });
  return (
    <form
      className={css.add}
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate();
      }}
    >
      <TextInput
        size="xs"
        aria-label={t("account.passkeyName")}
        placeholder={t("account.passkeyName")}
        maxLength={80}
        disabled={!passkeysWork()}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button type="submit" size="xs" variant="default" disabled={!passkeysWork()} loading={add.isPending}>
        {t("account.passkeyAdd")}
      </Button>
      {!passkeysWork() && <p className={css.dim}>{t("logIn.passkeyInsecure")}</p>}
      {add.error instanceof PasskeyCancelled ? (
        <p role="status" className={css.dim}>
          {t("account.passkeyCancelled")}
        </p>
      ) : (
        <Failure error={add.error} />
      )}
    </form>
  );
}
