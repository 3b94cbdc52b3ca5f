import { Button, Skeleton } from "@mantine/core";
import type { Session } from "@phonerack/contract/api";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import css from "../page/page.module.css";
import { Row, Section } from "../page/section.js";
import { useSession } from "../session/use-session.js";
import { Credentials } from "./credentials.js";
import { Keys } from "./keys.js";
import { LogIns } from "./log-ins.js";
import { OtherDevice } from "./other-device.js";
import { Passkeys } from "./passkeys.js";
import { Password } from "./password.js";
import { Profile } from "./profile.js";
import { TwoFactor } from "./two-factor.js";

/** One's own account: who one is, the ways in, where one is logged in, keys for scripts. */
export function AccountPage() {
  const { t } = useTranslation();
  const session = useSession();
  return (
    <div className={css.page}>
      <h1>{t("account.title")}</h1>
      {!session && <Waiting />}
      {session && <Profile session={session} />}
      {session?.kind === "person" && (
        <>
          {hasPassword(session) ? <Password /> : <Credentials session={session} />}
          <Passkeys />
          <TwoFactor session={session} />
        </>
      )}
      {session && session.kind !== "key" && <LogIns />}
      {session && <Keys session={session} />}
      {session?.lab === "owner" && <OtherDevice />}
      {session && session.kind !== "key" && <KeptLink />}
    </div>
  );
}

function KeptLink() {
  const { t } = useTranslation();
  return (
    <Section title={t("privacy.title")}>
      <Row name={t("privacy.openHow")}>
        <Button component={Link} to="/account/kept" size="xs" variant="default">
          {t("privacy.open")}
        </Button>
      </Row>
    </Section>
  );
}

/** An owner who came in by the link may have made a passkey and still have neither e-mail nor password. */
function hasPassword({ complete, email }: Session): boolean {
  return complete && email !== null;
}

function Waiting() {
  const { t } = useTranslation();
  return (
    <div aria-busy="true">
      <span className="visually-hidden" role="status">
        {t("account.loading")}
      </span>
      <Section title={t("account.you")}>
        {[0, 1, 2].map((row) => (
          <Skeleton key={row} height={16} width="60%" my={16} />
        ))}
      </Section>
    </div>
  );
}
