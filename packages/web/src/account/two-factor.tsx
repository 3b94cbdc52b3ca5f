import { Button, PasswordInput, TextInput } from "@mantine/core";
import type { Session } from "@phonerack/contract/api";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { auth, told } from "../log-in/auth.js";
import { Failure } from "../log-in/failure.js";
import page from "../page/page.module.css";
import { Row, Section } from "../page/section.js";
import { useAskSessionAgain } from "../session/use-session.js";
import { BackupCodes } from "./backup-codes.js";
import { QrCode } from "./qr-code.js";

type Doing = "nothing" | "on" | "off" | "codes";

/** A code of an authenticator after the password: turned on, off, and its backup codes made anew. */
export function TwoFactor({ session }: { session: Session }) {
  const { t } = useTranslation();
  const [doing, setDoing] = useState<Doing>("nothing");
  const done = () => setDoing("nothing");
  const { twoFactor } = session;
  const complete = session.complete && session.email !== null;
  return (
    <Section title={t("account.twoFactor")} hint={t("account.twoFactorHint")}>
      {doing === "nothing" && (
        <Row name={twoFactor ? t("account.twoFactorOn") : t("account.twoFactorOff")}>
          <div className={page.actions}>
            <Button size="xs" variant="default" disabled={!complete} onClick={() => setDoing(twoFactor ? "off" : "on")}>
              {twoFactor ? t("account.turnOff") : t("account.turnOn")}
            </Button>
            {twoFactor && (
              <Button size="xs" variant="default" onClick={() => setDoing("codes")}>
                {t("account.newCodes")}
              </Button>
            )}
          </div>
          {!complete && <p className={page.hint}>{t("account.twoFactorNeedsPassword")}</p>}
        </Row>
      )}
      {doing === "on" && <TurnOn onDone={done} />}
      {doing === "off" && <TurnOff onDone={done} />}
      {doing === "codes" && <NewCodes onDone={done} />}
    </Section>
  );
}

/** First the password, then the authenticator, then its first code: only that one turns it on. */
function TurnOn({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const askAgain = useAskSessionAgain();
  const [code, setCode] = useState("");
  const begin = useMutation({ mutationFn: (password: string) => told(auth.twoFactor.enable({ password })) });
  const verify = useMutation({
    mutationFn: () => told(auth.twoFactor.verifyTotp({ code: code.replaceAll(/\s/g, "") })),
    onSuccess: async () => {
      await askAgain();
      onDone();
    },
  });
  const begun = begin.data;
  if (!begun || !("totpURI" in begun)) {
    return (
      <AskPassword
        label={t("account.continue")}
        pending={begin.isPending}
        error={begin.error}
        onPassword={begin.mutate}
        onCancel={onDone}
      />
    );
  }
  return (
    <div className={page.block}>
      <p>{t("account.scan")}</p>
      <QrCode text={begun.totpURI} label={t("account.qr")} />
      <p>{t("account.keep")}</p>
      <BackupCodes codes={begun.backupCodes} />
      <form
        className={page.form}
        onSubmit={(event) => {
          event.preventDefault();
          verify.mutate();
        }}
      >
        <TextInput
          label={t("account.confirm")}
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          withAsterisk={false}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <div className={page.actions}>
          <Button type="submit" size="xs" loading={verify.isPending}>
            {t("account.confirmDo")}
          </Button>
          <Button size="xs" variant="subtle" color="gray" onClick={onDone}>
            {t("device.cancel")}
          </Button>
        </div>
        <Failure error={verify.error} />
      </form>
    </div>
  );
}

function TurnOff({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const askAgain = useAskSessionAgain();
  const off = useMutation({
    mutationFn: (password: string) => told(auth.twoFactor.disable({ password })),
    onSuccess: async () => {
      await askAgain();
      onDone();
    },
  });
  return (
    <AskPassword
      label={t("account.turnOff")}
      pending={off.isPending}
      error={off.error}
      onPassword={off.mutate}
      onCancel={onDone}
    />
  );
}

function NewCodes({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const make = useMutation({ mutationFn: (password: string) => told(auth.twoFactor.generateBackupCodes({ password })) });
  if (!make.data) {
    return (
      <AskPassword
        label={t("account.newCodes")}
        pending={make.isPending}
        error={make.error}
        onPassword={make.mutate}
        onCancel={onDone}
      />
    );
  }
  return (
    <div className={page.block}>
      <p>{t("account.newCodesHow")}</p>
      <BackupCodes codes={make.data.backupCodes} />
      <Button size="xs" onClick={onDone}>
        {t("account.keyDone")}
      </Button>
    </div>
  );
}

interface AskPasswordProps {
  label: string;
  pending: boolean;
  error: unknown;
  onPassword: (password: string) => void;
  onCancel: () => void;
}

/** Whoever only found the browser open must not change how one logs in. */
function AskPassword({ label, pending, error, onPassword, onCancel }: AskPasswordProps) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  return (
    <div className={page.block}>
      <form
        className={page.form}
        onSubmit={(event) => {
          event.preventDefault();
          onPassword(password);
        }}
      >
        <PasswordInput
          label={t("account.passwordNow")}
          autoComplete="current-password"
          autoFocus
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <div className={page.actions}>
          <Button type="submit" size="xs" loading={pending}>
            {label}
          </Button>
          <Button size="xs" variant="subtle" color="gray" onClick={onCancel}>
            {t("device.cancel")}
          </Button>
        </div>
        <Failure error={error} />
      </form>
    </div>
  );
}
