import { Button, Skeleton, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../session/use-session.js";
import { auth, told } from "./auth.js";
import { Entry } from "./entry.js";
import { Failure } from "./failure.js";
import css from "./log-in.module.css";

const route = getRouteApi("/device");

/** `phonerack login` sends people here: they say whether that terminal may act as them. */
export function TerminalPage() {
  const { code } = route.useSearch();
  return code === undefined ? <AskForCode /> : <AskForLeave key={code} code={code} />;
}

function AskForCode() {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const [code, setCode] = useState("");
  return (
    <Entry title={t("terminal.enter")}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void navigate({ search: { code: code.trim() } });
        }}
      >
        <TextInput
          label={t("terminal.code")}
          autoFocus
          required
          withAsterisk={false}
          autoCapitalize="characters"
          autoComplete="off"
          classNames={{ input: css.digits ?? "" }}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <Button type="submit">{t("terminal.next")}</Button>
      </form>
    </Entry>
  );
}

function AskForLeave({ code }: { code: string }) {
  const { t } = useTranslation();
  const session = useSession();
  // Asking binds the code to this account; better-auth lets nobody else answer for it afterwards.
  const asked = useQuery({
    queryKey: ["terminal", code],
    queryFn: () => told(auth.device({ query: { user_code: code } }), "device_code_invalid"),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const allow = useMutation({ mutationFn: () => told(auth.device.approve({ userCode: code }), "device_code_invalid") });
  const deny = useMutation({ mutationFn: () => told(auth.device.deny({ userCode: code }), "device_code_invalid") });
  if (allow.isSuccess) {
    return (
      <Entry title={t("terminal.allowed")}>
        <p role="status">{t("terminal.allowedHow")}</p>
      </Entry>
    );
  }
  if (deny.isSuccess) {
    return (
      <Entry title={t("terminal.denied")}>
        <p role="status">{t("terminal.deniedHow")}</p>
      </Entry>
    );
  }
  if (asked.error) {
    return (
      <Entry title={t("terminal.title")}>
        <Failure error={asked.error} />
      </Entry>
    );
  }
  return (
    <Entry title={t("terminal.title")}>
      <p>{session ? t("terminal.how", { name: session.name }) : <Skeleton height={60} />}</p>
      <code className={`${css.code} mono`}>{code}</code>
      <div className="form">
        <Button disabled={!asked.data || !session} loading={allow.isPending} onClick={() => allow.mutate()}>
          {t("terminal.allow")}
        </Button>
        <Button variant="default" disabled={!asked.data} loading={deny.isPending} onClick={() => deny.mutate()}>
          {t("terminal.deny")}
        </Button>
      </div>
      <Failure error={allow.error ?? deny.error} />
    </Entry>
  );
}
