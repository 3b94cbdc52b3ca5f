import { Button, CopyButton, Skeleton } from "@mantine/core";
import type { ChassisFault, DeviceId } from "@phonerack/contract/api";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { useDevices } from "../live/live.js";
import { runsLab } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import { STATUSES } from "../status/status.js";
import { StatusMark } from "../status/status-mark.js";
import { Doubts } from "./doubts.js";
import { PlaceDialog } from "./place-dialog.js";
import { Rack } from "./rack.js";
import css from "./racks.module.css";
import { type Room, roomOf } from "./room.js";
import { Slot, type SlotActions } from "./slot.js";
import { SlotCard, useSlotCard } from "./slot-card.js";
import { usePlacing } from "./use-placing.js";

const FAULTS_EVERY_MS = 4_000;
const LAB_EVERY_MS = 30_000;

/** The lab as it stands in the room. */
export function RacksPage() {
  const { t } = useTranslation();
  const devices = useDevices();
  const session = useSession();
  const operator = runsLab(session);
  const lab = useQuery(api.lab.get.queryOptions({ refetchInterval: LAB_EVERY_MS }));
  const faults = useQuery(api.lab.faults.queryOptions({ enabled: operator, refetchInterval: FAULTS_EVERY_MS }));
  const room = useMemo(() => lab.data && devices && roomOf(lab.data, devices), [lab.data, devices]);
  const placing = usePlacing();
  const [moving, setMoving] = useState<DeviceId>();
  const navigate = useNavigate();
  const card = useSlotCard();
  const open = useCallback((id: DeviceId) => void navigate({ to: "/devices/$id", params: { id } }), [navigate]);
  const actions = useMemo(
    (): SlotActions => ({
      open,
      show: card.show,
      hide: card.hide,
      ...(operator ? { place: placing.place, move: setMoving } : {}),
    }),
    [open, card.show, card.hide, operator, placing.place],
  );

  if (lab.error && !lab.data) {
    return (
      <div className={css.failed}>
        <ErrorNote error={lab.error} onAgain={() => void lab.refetch()} />
      </div>
    );
  }
  if (!room || !devices) return <RacksSkeleton />;
  return (
    <div className={css.page}>
      <header className={css.head}>
        <h1>{t("racks.title")}</h1>
        <Legend />
      </header>
      {operator && <Doubts devices={devices} />}
      {placing.error && (
        <div className={css.refused}>
          <ErrorNote error={placing.error} />
        </div>
      )}
      <TheRoom room={room} faults={faults.data?.items ?? []} actions={actions} />
      {operator && <FileHint />}
      <SlotCard shown={card.shown} operator={operator} onMove={setMoving} onStay={card.stay} onHide={card.hide} />
      {moving && lab.data && <PlaceDialog id={moving} lab={lab.data} devices={devices} onClose={() => setMoving(undefined)} />}
    </div>
  );
}

function TheRoom({ room, faults, actions }: { room: Room; faults: readonly ChassisFault[]; actions: SlotActions }) {
  const { t } = useTranslation();
  const empty = room.sites.every(({ racks }) => racks.length === 0) && room.elsewhere.length === 0;
  if (empty) return <p className={css.nothing}>{t("racks.empty")}</p>;
  return (
    <>
      {room.sites.map((site) => (
        <section key={site.name} className={css.site} aria-label={site.name}>
          <h2>{site.name}</h2>
          <div className={css.racks}>
            {site.racks.map((rack) => (
              <Rack key={rack.name} rack={rack} faults={faults} actions={actions} />
            ))}
          </div>
        </section>
      ))}
      {(room.elsewhere.length > 0 || actions.place) && <Elsewhere ids={room.elsewhere} actions={actions} />}
    </>
  );
}

/** Phones in no slot; a board dragged here is taken out of its slot. */
function Elsewhere({ ids, actions }: { ids: readonly DeviceId[]; actions: SlotActions }) {
  const { t } = useTranslation();
  const { place } = actions;
  return (
    <section
      className={css.site}
      aria-label={t("racks.elsewhere")}
      onDragOver={(event) => place && event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        place?.(event.dataTransfer.getData("text/plain"), null);
      }}
    >
      <h2>{t("racks.elsewhere")}</h2>
      <div className={css.loose}>
        {ids.map((id) => (
          <Slot key={id} id={id} chassis={null} number={null} tabbable actions={actions} />
        ))}
        {ids.length === 0 && <p className={css.dim}>{t("racks.allPlaced")}</p>}
      </div>
    </section>
  );
}

function Legend() {
  return (
    <div className={css.legend} aria-hidden="true">
      {STATUSES.map((status) => (
        <StatusMark key={status} status={status} />
      ))}
    </div>
  );
}

const COMMANDS = ["phonerack lab export lab.yaml", "phonerack lab import lab.yaml"] as const;

/** Racks and chassis are made, named and ordered in a file. */
function FileHint() {
  const { t } = useTranslation();
  return (
    <div className={css.hint}>
      <span>{t("racks.file")}</span>
      {COMMANDS.map((command) => (
        <CopyButton key={command} value={command}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="default" ff="monospace" fw={400} onClick={copy}>
              {copied ? t("wall.copied") : command}
            </Button>
          )}
        </CopyButton>
      ))}
    </div>
  );
}

const RACKS = [5, 4, 5, 3];

function RacksSkeleton() {
  const { t } = useTranslation();
  return (
    <div className={css.page} aria-busy="true">
      <span className="visually-hidden" role="status">
        {t("racks.loading")}
      </span>
      <header className={css.head}>
        <Skeleton height={20} width={80} />
      </header>
      <div className={css.racks}>
        {RACKS.map((chassis, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: racks of a skeleton are nothing but their place.
          <Skeleton key={at} height={chassis * 92 + 36} />
        ))}
      </div>
    </div>
  );
}
