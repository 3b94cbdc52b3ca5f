import { Skeleton } from "@mantine/core";
import type { Session } from "@phonerack/contract/api";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { useTranslation } from "react-i18next";
import { FlagsPage } from "../flags/flags-page.js";
import { useWaiting } from "../flags/use-waiting.js";
import { WaitingMark } from "../flags/waiting-mark.js";
import page from "../page/page.module.css";
import { hasRole, useSession } from "../session/use-session.js";
import { OwnTier } from "../tiers/own-tier.js";
import css from "./admin.module.css";
import { Hosts } from "./hosts.js";
import { KeptByLab } from "./kept.js";
import { Log } from "./log.js";
import { People } from "./people.js";
import { SignOns } from "./sign-ons.js";
import { Tenants } from "./tenants.js";

const route = getRouteApi("/admin/{-$part}");

interface Part {
  readonly part: string;
  readonly word: "people" | "organisations" | "organisation" | "flags" | "signOn" | "hosts" | "log" | "privacy";
  readonly Page: ComponentType<{ session: Session }>;
  readonly open: (session: Session) => boolean;
}

/** In the order of the tabs; `open` says to whom, as the contract's rules do. */
const PARTS: readonly Part[] = [
  { part: "people", word: "people", Page: People, open: (session: Session) => hasRole(session, "viewer") },
  { part: "organisations", word: "organisations", Page: Tenants, open: (session: Session) => session.lab !== null },
  {
    part: "organisation",
    word: "organisation",
    Page: OwnTier,
    open: (session: Session) => session.lab === null && hasRole(session, "viewer"),
  },
  {
    part: "flags",
    word: "flags",
    Page: FlagsPage,
    open: (session: Session) => hasRole(session, "viewer") || session.lab !== null,
  },
  { part: "sign-on", word: "signOn", Page: SignOns, open: (session: Session) => hasRole(session, "owner") },
  { part: "hosts", word: "hosts", Page: Hosts, open: (session: Session) => session.lab !== null },
  { part: "log", word: "log", Page: Log, open: (session: Session) => hasRole(session, "operator") || session.lab !== null },
  { part: "privacy", word: "privacy", Page: KeptByLab, open: (session: Session) => session.lab !== null },
];

/** What owners and the lab's operators look after: people, organisations, sign-on, hosts, the log, what is kept. */
export function AdminPage() {
  const { t } = useTranslation();
  const { part = "people" } = route.useParams();
  const session = useSession();
  const waiting = useWaiting();
  const parts = session && PARTS.filter(({ open }) => open(session));
  const Page = parts?.find((each) => each.part === part)?.Page;
  return (
    <div className={`${page.page} ${css.wide}`}>
      <h1>{t("admin.title")}</h1>
      <nav className={css.tabs} aria-label={t("admin.tabs")}>
        {(parts ?? []).map(({ part: to, word }) => (
          <Link key={to} to="/admin/{-$part}" params={{ part: to }} aria-current={to === part ? "page" : undefined}>
            {t(`admin.${word}`)} {word === "flags" && <WaitingMark count={waiting.flags} />}
          </Link>
        ))}
      </nav>
      {!session && <Skeleton height={200} />}
      {session && (Page ? <Page session={session} /> : <p className={css.dim}>{t("admin.notYours")}</p>)}
    </div>
  );
}
