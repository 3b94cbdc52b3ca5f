import { NativeSelect, Skeleton } from "@mantine/core";
import type { Session } from "@phonerack/contract/api";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { useTranslation } from "react-i18next";
import { CasesPage } from "../face/cases-page.js";
import { FlagsPage } from "../flags/flags-page.js";
import { useWaiting, type Waiting } from "../flags/use-waiting.js";
import { WaitingMark } from "../flags/waiting-mark.js";
import { formatNumber } from "../language/format.js";
import page from "../page/page.module.css";
import { RegisterPage } from "../register/register-page.js";
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

const GROUPS = ["people", "lab", "lawful"] as const;
type Group = (typeof GROUPS)[number];

interface Part {
  readonly part: string;
  readonly word:
    | "people"
    | "organisations"
    | "organisation"
    | "flags"
    | "cases"
    | "signOn"
    | "hosts"
    | "register"
    | "log"
    | "privacy";
  readonly group: Group;
  readonly Page: ComponentType<{ session: Session }>;
  readonly open: (session: Session) => boolean;
}

/** In the order of the tabs; `open` says to whom, as the contract's rules do. */
const PARTS: readonly Part[] = [
  { part: "people", word: "people", group: "people", Page: People, open: (session) => hasRole(session, "viewer") },
  { part: "organisations", word: "organisations", group: "people", Page: Tenants, open: (session) => session.lab !== null },
  {
    part: "organisation",
    word: "organisation",
    group: "people",
    Page: OwnTier,
    open: (session) => session.lab === null && hasRole(session, "viewer"),
  },
  { part: "sign-on", word: "signOn", group: "people", Page: SignOns, open: (session) => hasRole(session, "owner") },
  { part: "hosts", word: "hosts", group: "lab", Page: Hosts, open: (session) => session.lab !== null },
  { part: "register", word: "register", group: "lab", Page: RegisterPage, open: (session) => session.lab !== null },
  {
    part: "flags",
    word: "flags",
    group: "lawful",
    Page: FlagsPage,
    open: (session) => hasRole(session, "viewer") || session.lab !== null,
  },
  { part: "cases", word: "cases", group: "lawful", Page: CasesPage, open: (session) => session.lab !== null },
  {
    part: "log",
    word: "log",
    group: "lawful",
    Page: Log,
    open: (session) => hasRole(session, "operator") || session.lab !== null,
  },
  { part: "privacy", word: "privacy", group: "lawful", Page: KeptByLab, open: (session) => session.lab !== null },
];

/** What owners and the lab's operators look after: people, organisations, sign-on, hosts, the log, what is kept. */
export function AdminPage() {
  const { t } = useTranslation();
  const { part = "people" } = route.useParams();
  const session = useSession();
  const parts = session && PARTS.filter(({ open }) => open(session));
  const Page = parts?.find((each) => each.part === part)?.Page;
  return (
    <div className={`${page.page} ${css.wide}`}>
      <h1>{t("admin.title")}</h1>
      <Tabs parts={parts ?? []} part={part} />
      {!session && <Skeleton height={200} />}
      {session && (Page ? <Page session={session} /> : <p className={css.dim}>{t("admin.notYours")}</p>)}
    </div>
  );
}

/** By what they are about: tabs in groups where there is room, else one list to choose from. */
function Tabs({ parts, part }: { parts: readonly Part[]; part: string }) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const waiting = useWaiting();
  const groups = GROUPS.map((group) => ({ group, own: parts.filter((each) => each.group === group) }));
  const shown = groups.filter(({ own }) => own.length > 0);
  return (
    <nav aria-label={t("admin.tabs")}>
      <div className={css.tabs}>
        {shown.map(({ group, own }) => (
          <fieldset key={group} className={css.tabGroup} aria-label={t(`admin.group.${group}`)}>
            {own.map(({ part: to, word }) => (
              <Link key={to} to="/admin/{-$part}" params={{ part: to }} aria-current={to === part ? "page" : undefined}>
                {t(`admin.${word}`)}{" "}
                <WaitingMark count={waitingOf(word, waiting)} late={word === "cases" && waiting.overdue > 0} />
              </Link>
            ))}
          </fieldset>
        ))}
      </div>
      <NativeSelect
        className={css.tabChoice ?? ""}
        aria-label={t("admin.tabs")}
        value={part}
        data={shown.map(({ group, own }) => ({
          group: t(`admin.group.${group}`),
          items: own.map(({ part: value, word }) => ({ value, label: t(`admin.${word}`) + inWords(waitingOf(word, waiting)) })),
        }))}
        onChange={(event) => void navigate({ to: "/admin/{-$part}", params: { part: event.currentTarget.value } })}
      />
    </nav>
  );
}

function waitingOf(word: Part["word"], { flags, cases }: Waiting): number {
  if (word === "cases") return cases;
  return word === "flags" ? flags : 0;
}

function inWords(count: number): string {
  return count > 0 ? ` (${formatNumber(count)})` : "";
}
