import { Button, PasswordInput, TextInput } from "@mantine/core";
import { IconBuilding, IconFingerprint } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { CopyLine } from "../page/copy-line.js";
import { auth, told } from "./auth.js";
import { Entry } from "./entry.js";
import { Failure } from "./failure.js";
import css from "./log-in.module.css";
import { passkeysWork } from "./passkeys.js";
import { SecondStep } from "./second-step.js";
import { useEntered } from "./use-entered.js";

/** Where an organisation's log-in sends the browser when it did not let somebody in. */
const SIGN_ON_FAILED = "#sign-on-failed";

/** Instead of the console while nobody is logged in; the address stays, so that one arrives where one wanted to go. */
export function LogInPage() {
  const { t } = useTranslation();
  return (
    <Entry title={t("logIn.title")}>
      <LogIn />
      <div className={css.hint}>
        <p>{t("logIn.ownerHint")}</p>
        <CopyLine text="npx phonerack link" />
      </div>
    </Entry>
  );
}

/** All ways in, one after the other; also on the page of an invitation. */
export function LogIn({ email: invited }: { email?: string }) {
  const { t } = useTranslation();
  const entered = useEntered();
  const [email, setEmail] = useState(invited ?? "");
  const [password, setPassword] = useState("");
  const [second, setSecond] = useState(false);
  const byPassword = useMutation({
    mutationFn: () => told(auth.signIn.email({ email, password })),
    onSuccess: (data) => (data && "twoFactorRedirect" in data && data.twoFactorRedirect ? setSecond(true) : entered()),
  });
  if (second) return <SecondStep onBack={() => setSecond(false)} />;
  return (
    <>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          byPassword.mutate();
        }}
      >
        <TextInput
          type="email"
          name="email"
          autoComplete="username"
          label={t("logIn.email")}
          autoFocus={invited === undefined}
          required
          withAsterisk={false}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          name="password"
          autoComplete="current-password"
          label={t("logIn.password")}
          autoFocus={invited !== undefined}
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" loading={byPassword.isPending}>
          {t("logIn.enter")}
        </Button>
        <Failure error={byPassword.error} />
      </form>
      <div className={css.or}>{t("logIn.or")}</div>
      <OtherWays email={email} />
    </>
  );
}

/** A passkey, or the log-in of one's own organisation. */
function OtherWays({ email }: { email: string }) {
  const { t } = useTranslation();
  const entered = useEntered();
  const [asked, setAsked] = useState(false);
  const byPasskey = useMutation({ mutationFn: () => told(auth.signIn.passkey()), onSuccess: entered });
  // The answer holds the provider's address, where the client sends the browser at once.
  const bySignOn = useMutation({
    mutationFn: () => told(auth.$fetch("/sign-in/sso", signOnRequest(email)), "sign_on_not_found"),
  });
  const failed = location.hash.startsWith(SIGN_ON_FAILED) && bySignOn.isIdle;
  return (
    <div className="form">
      <Button
        variant="default"
        disabled={!passkeysWork()}
        loading={byPasskey.isPending}
        leftSection={<IconFingerprint size={18} stroke={1.5} aria-hidden="true" />}
        onClick={() => byPasskey.mutate()}
      >
        {t("logIn.passkey")}
      </Button>
      {!passkeysWork() && <p className={css.dim}>{t("logIn.passkeyInsecure")}</p>}
      <Failure error={byPasskey.error} />
      <Button
        variant="default"
        loading={bySignOn.isPending}
        leftSection={<IconBuilding size={18} stroke={1.5} aria-hidden="true" />}
        onClick={() => (email.includes("@") ? bySignOn.mutate() : setAsked(true))}
      >
        {t("logIn.signOn")}
      </Button>
      {asked && !email.includes("@") && <p role="alert">{t("logIn.signOnNeedsEmail")}</p>}
      {failed && <p role="alert">{t("logIn.signOnFailed")}</p>}
      <Failure error={bySignOn.error} />
    </div>
  );
}

function signOnRequest(email: string) {
  const here = `${location.pathname}${location.search}`;
  return {
    method: "POST" as const,
    body: { email, callbackURL: here, newUserCallbackURL: here, errorCallbackURL: `${here}${SIGN_ON_FAILED}` },
  };
}
