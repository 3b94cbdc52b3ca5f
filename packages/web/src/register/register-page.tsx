import { Button, Skeleton } from "@mantine/core";
import type { RegisterDevice, Session } from "@phonerack/contract/api";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { useNow } from "../leases/use-now.js";
import page from "../page/page.module.css";
import { Blank, Section } from "../page/section.js";
import { runsLab } from "../session/may.js";
import { DeviceList } from "./device-list.js";
import { Filters } from "./filters.js";
import { ImportDialog } from "./import-dialog.js";
import { Picture } from "./picture.js";
import { RecordDrawer } from "./record-drawer.js";
import css from "./register.module.css";
import { isFiltered, listQuery, type RegisterSearch } from "./register-search.js";
import { SchemesDialog } from "./schemes-dialog.js";

const route = getRouteApi("/admin/{-$part}");
const AT_ONCE = 100;
const AGAIN_MS = 15_000;

type Dialog = "import" | "schemes";

/** The register of phones: a picture of all, the list behind it, and one record at a time. */
export function RegisterPage({ session }: { session: Session }) {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [dialog, setDialog] = useState<Dialog>();
  const summary = useQuery(
    api.register.summary.queryOptions({
      input: search.site === undefined ? {} : { site: search.site },
      refetchInterval: AGAIN_MS,
      placeholderData: keepPreviousData,
    }),
  );
  const change = (next: Partial<RegisterSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: next.q !== undefined, resetScroll: false });
  const operates = runsLab(session);
  const physical = summary.data?.sites.some((site) => site.public + site.isolated > 0);
  return (
    <>
      <Section
        title={t("register.title")}
        hint={t("register.hint")}
        action={
          <span className={css.deeds}>
            {operates && physical && <ImportButton onOpen={() => setDialog("import")} />}
            <Button size="compact-sm" variant="default" onClick={() => setDialog("schemes")}>
              {t("register.schemes")}
            </Button>
          </span>
        }
      >
        {summary.isPending && <Skeleton height={120} my={12} />}
        {summary.error && <ErrorNote error={summary.error} onAgain={() => void summary.refetch()} />}
        {summary.data && <Picture summary={summary.data} search={search} onFilter={change} />}
        {summary.data && (physical || isFiltered(search)) && (
          <Devices search={search} summary={summary.data} onFilter={change} onClear={() => void navigate({ search: {} })} />
        )}
        {summary.data && !physical && !isFiltered(search) && <NoPhones />}
      </Section>
      {search.device !== undefined && (
        <RecordDrawer key={search.device} id={search.device} session={session} onClose={() => change({ device: undefined })} />
      )}
      {dialog === "import" && <ImportDialog onClose={() => setDialog(undefined)} />}
      {dialog === "schemes" && <SchemesDialog session={session} onClose={() => setDialog(undefined)} />}
    </>
  );
}

function ImportButton({ onOpen }: { onOpen: () => void }) {
  const { t } = useTranslation();
  return (
    <Button size="compact-sm" onClick={onOpen}>
      {t("register.import")}
    </Button>
  );
}

/** Virtual phones alone, or none at all: what there will be to enter, and how a phone comes here. */
function NoPhones() {
  const { t } = useTranslation();
  return (
    <Blank title={t("register.none")}>
      <p>
        {t("register.noneHow")}{" "}
        <Link to="/admin/{-$part}" params={{ part: "hosts" }}>
          {t("register.noneHosts")}
        </Link>
      </p>
    </Blank>
  );
}

type DevicesProps = Omit<Parameters<typeof Filters>[0], "shown">;

function Devices({ search, ...filters }: DevicesProps) {
  const { t } = useTranslation();
  const now = useNow(60_000);
  const query = listQuery(search);
  const list = useInfiniteQuery(
    api.register.list.infiniteOptions({
      input: (cursor: string | undefined) => ({ ...query, limit: AT_ONCE, ...(cursor === undefined ? {} : { cursor }) }),
      initialPageParam: undefined,
      getNextPageParam: ({ next }) => next ?? undefined,
      refetchInterval: AGAIN_MS,
      placeholderData: keepPreviousData,
    }),
  );
  const devices: RegisterDevice[] | undefined = list.data?.pages.flatMap(({ items }) => items);
  const counts = list.data?.pages[0]?.counts;
  return (
    <>
      <Filters {...filters} search={search} shown={counts && counts.public + counts.isolated} />
      {list.isPending && <Skeleton height={320} my={12} />}
      {list.error && <ErrorNote error={list.error} onAgain={() => void list.refetch()} />}
      {devices?.length === 0 && <Blank title={t("register.noneFits")} />}
      {devices && devices.length > 0 && <DeviceList devices={devices} now={now} />}
      {list.hasNextPage && (
        <NextPage loading={list.isFetchingNextPage} onWanted={() => void list.fetchNextPage({ cancelRefetch: false })} />
      )}
    </>
  );
}

/** Comes by itself when it is scrolled into view, and by the keyboard. */
function NextPage({ loading, onWanted }: { loading: boolean; onWanted: () => void }) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const wanted = useRef(onWanted);
  wanted.current = onWanted;
  useEffect(() => {
    const element = box.current;
    if (!element || loading) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && wanted.current(), { rootMargin: "400px" });
    observer.observe(element);
    return () => observer.disconnect();
  }, [loading]);
  return (
    <div ref={box} className={page.block}>
      <Button size="xs" variant="default" loading={loading} onClick={onWanted}>
        {t("register.next")}
      </Button>
    </div>
  );
}
