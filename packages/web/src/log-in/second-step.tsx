import { Button, Checkbox, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { auth, told } from "./auth.js";
import { Failure } from "./failure.js";
import css from "./log-in.module.css";
import { useEntered } from "./use-entered.js";

/** The code of an authenticator, or a backup code, after the password. */
export function SecondStep({ onBack }: { onBack: () => void }) {
  const { t } = useTranslation();
  const entered = useEntered();
  const [backup, setBackup] = useState(false);
  const [code, setCode] = useState("");
  const [trustDevice, setTrustDevice] = useState(false);
  const verify = useMutation({
    mutationFn: (): Promise<unknown> =>
      backup
        ? told(auth.twoFactor.verifyBackupCode({ code: code.trim(), trustDevice }))
        : told(auth.twoFactor.verifyTotp({ code: code.replaceAll(/\s/g, ""), trustDevice })),
    onSuccess: entered,
  });
  return (
    <form
      className="form"
      aria-label={t("logIn.second")}
      onSubmit={(event) => {
        event.preventDefault();
        verify.mutate();
      }}
    >
      <p>{backup ? t("logIn.backupHow") : t("logIn.secondHow")}</p>
      <TextInput
        key={String(backup)}
        name="code"
        label={backup ? t("logIn.backupCode") : t("logIn.code")}
        autoComplete="one-time-code"
        inputMode={backup ? "text" : "numeric"}
        autoFocus
        required
        withAsterisk={false}
        classNames={{ input: css.digits ?? "" }}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
      />
      <Checkbox
        label={t("logIn.trust")}
        checked={trustDevice}
        onChange={(event) => setTrustDevice(event.currentTarget.checked)}
      />
      <Button type="submit" loading={verify.isPending}>
        {t("logIn.enter")}
      </Button>
      <Failure error={verify.error} />
      <button
        type="button"
        className={css.link}
        onClick={() => {
          setBackup(!backup);
          setCode("");
          verify.reset();
        }}
      >
        {backup ? t("logIn.useCode") : t("logIn.useBackup")}
      </button>
      <button type="button" className={css.link} onClick={onBack}>
        {t("logIn.back")}
      </button>
    </form>
  );
}
