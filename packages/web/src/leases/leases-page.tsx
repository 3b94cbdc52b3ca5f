import { Button, Modal, SegmentedControl, Skeleton } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import type { Device, Lease } from "@phonerack/contract/api";
import { IconChevronLeft, IconChevronRight, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { useDevices } from "../live/live.js";
import { mayDrive } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import { BookDialog } from "./book-dialog.js";
import { LeaseList } from "./lease-list.js";
import { LeasePanel } from "./lease-panel.js";
import css from "./leases.module.css";
import { Queue } from "./queue.js";
import { TakeDialog } from "./take-dialog.js";
import type { Span } from "./timeline.js";
import { Timeline } from "./timeline-view.js";
import { useNow } from "./use-now.js";
import { SCALES, useSpan } from "./use-span.js";

const route = getRouteApi("/leases");
/** All that control gives at once; a lab with more open leases than this is looked at by chassis. */
const MOST = 1_000;
const NOW_EVERY_MS = 15_000;

/** Who has what until when, what is booked, and who waits. */
export function LeasesPage() {
  const { t } = useTranslation();
  const devices = useDevices();
  const session = useSession();
  const leases = useQuery(api.leases.list.queryOptions({ input: { limit: MOST } }));
  const { lease: chosenId } = route.useSearch();
  const navigate = route.useNavigate();
  const narrow = useMediaQuery("(max-width: 900px)", window.matchMedia("(max-width: 900px)").matches) ?? false;
  const now = useNow(NOW_EVERY_MS);
  const view = useSpan(now);
  const [taking, take] = useDisclosure(false);
  const [booking, setBooking] = useState<{ devices: readonly Device[]; span: Span }>();
  const items = leases.data?.items;
  const chosen = items?.find(({ id }) => id === chosenId);
  const choose = (lease: string | undefined) => void navigate({ search: lease ? { lease } : {}, replace: true });
  const may = mayDrive(session);

  return (
    <div className={css.page}>
      <header className={css.head}>
        <h1>{t("leases.title")}</h1>
        {!narrow && <SpanControls view={view} />}
        <span className={css.rest} />
        {may && (
          <Button size="xs" leftSection={<IconPlus size={14} stroke={1.5} aria-hidden="true" />} onClick={take.open}>
            {t("leases.take")}
          </Button>
        )}
      </header>
      {leases.error && !items && (
        <div className={css.failed}>
          <ErrorNote error={leases.error} onAgain={() => void leases.refetch()} />
        </div>
      )}
      {!leases.error && !(items && devices) && <LeasesSkeleton />}
      {items && devices && narrow && <LeaseList leases={items} session={session} now={now} onChoose={choose} />}
      {items && devices && !narrow && (
        <div className={css.main}>
          {devices.length === 0 ? (
            <p className={css.nothing}>{t("leases.noPhones")}</p>
          ) : (
            <Timeline
              devices={devices}
              leases={items}
              session={session}
              span={view.span}
              now={now}
              chosen={chosen?.id}
              onChoose={choose}
              onBook={may ? (some, span) => setBooking({ devices: some, span }) : undefined}
            />
          )}
          <aside className={css.side} aria-label={t("leases.side")}>
            {chosen && <LeasePanel key={chosen.id} lease={chosen} onClose={() => choose(undefined)} />}
            <Queue leases={items} session={session} now={now} onChoose={choose} />
          </aside>
        </div>
      )}
      <NarrowPanel lease={narrow ? chosen : undefined} onClose={() => choose(undefined)} />
      {taking && <TakeDialog devices={devices ?? []} onClose={take.close} />}
      {booking && <BookDialog {...booking} leases={items ?? []} onClose={() => setBooking(undefined)} />}
    </div>
  );
}

function NarrowPanel({ lease, onClose }: { lease: Lease | undefined; onClose: () => void }) {
  return (
    <Modal opened={lease !== undefined} onClose={onClose} withCloseButton={false} padding={0} fullScreen>
      {lease && <LeasePanel lease={lease} onClose={onClose} />}
    </Modal>
  );
}

function SpanControls({ view }: { view: ReturnType<typeof useSpan> }) {
  const { t } = useTranslation();
  return (
    <div className={css.span}>
      <SegmentedControl
        size="xs"
        aria-label={t("leases.scale")}
        value={view.scale}
        data={SCALES.map((value) => ({ value, label: t(`leases.scales.${value}`) }))}
        onChange={view.setScale}
      />
      <Button.Group>
        <Button size="xs" variant="default" px={6} aria-label={t("leases.earlier")} onClick={() => view.move(-1)}>
          <IconChevronLeft size={16} stroke={1.5} aria-hidden="true" />
        </Button>
        <Button size="xs" variant="default" onClick={view.toNow} disabled={view.atNow}>
          {t("leases.now")}
        </Button>
        <Button size="xs" variant="default" px={6} aria-label={t("leases.later")} onClick={() => view.move(1)}>
          <IconChevronRight size={16} stroke={1.5} aria-hidden="true" />
        </Button>
      </Button.Group>
    </div>
  );
}

const LINES = Array.from({ length: 14 }, (_, index) => index);

function LeasesSkeleton() {
  const { t } = useTranslation();
  const widths = useMemo(() => LINES.map((line) => 20 + ((line * 37) % 50)), []);
  return (
    <div className={css.main} aria-busy="true">
      <span className="visually-hidden" role="status">
        {t("leases.loading")}
      </span>
      <div className={css.skeleton}>
        {widths.map((width, line) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines of a skeleton are nothing but their place.
          <Skeleton key={line} height={18} width={`${width}%`} ml={`${(line * 13) % 30}%`} />
        ))}
      </div>
    </div>
  );
}
