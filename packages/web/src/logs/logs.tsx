import { type Device, LOG_TAIL_MAX } from "@phonerack/contract/api";
import { useCallback, useMemo, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { shownError } from "../api/sentence.js";
import { useKeep } from "../artifacts/use-keep.js";
import { mayTouch } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import { Crashes } from "./crashes.js";
import { type LogFilter, NO_FILTER } from "./entries.js";
import { LogFilters } from "./log-filters.js";
import { LogList } from "./log-list.js";
import { LogSource } from "./log-source.js";
import { LogTruth } from "./log-truth.js";
import css from "./logs.module.css";

/** One phone's crashes in this lease, and its live log. */
export function Logs({ device }: { device: Device }) {
  const { t } = useTranslation();
  const session = useSession();
  const holds = mayTouch(session, device);
  return (
    <>
      {device.crashes && device.holder && <Crashes deviceId={device.id} lease={device.holder.lease} at={device.crashes.at} />}
      {holds ? <LiveLog key={device.hold.epoch} device={device} /> : <p className={css.none}>{t("logs.notYours")}</p>}
    </>
  );
}

function LiveLog({ device }: { device: Device }) {
  const { t } = useTranslation();
  const source = useMemo(() => new LogSource(device.id), [device.id]);
  const log = useSyncExternalStore(source.subscribe, source.get);
  const [filter, setFilter] = useState<LogFilter>(NO_FILTER);
  const [paused, setPaused] = useState(false);
  const [wrap, setWrap] = useState(true);
  const [large, setLarge] = useState(false);
  const [found, setFound] = useState<number | null>(null);
  const change = (next: LogFilter) => {
    setFilter(next);
    setFound(null);
    source.filter(next);
  };
  const pause = (next: boolean) => {
    setPaused(next);
    source.pause(next);
  };
  const find = useCallback(
    async (step: 1 | -1) => {
      const { view } = source.get();
      if (!view) return;
      // Search goes back from what was found, at first from what is in view.
      const begin = step < 0 ? view.from + view.rows.length - 1 : view.from;
      setFound(await source.find(found === null ? begin : found + step, step));
    },
    [source, found],
  );
  const keep = useKeep(device);
  const kept = keep.error ? shownError(keep.error).message : keep.isSuccess ? t("logs.keptNow") : undefined;
  const save = (matching: boolean) =>
    void source.save(matching).then((file) => download(file, `${device.name} ${stamp()}.log.txt`));
  return (
    <section className={css.logs} data-large={large || undefined} aria-label={t("logs.label")}>
      <LogFilters
        filter={log.stuck === undefined ? filter : { ...filter, text: "" }}
        view={log.view}
        onChange={change}
        onFind={(step) => void find(step)}
        controls={{
          paused,
          wrap,
          large,
          pause,
          setWrap,
          setLarge,
          save,
          kept,
          keep: () => keep.mutate({ type: "log", tail: LOG_TAIL_MAX, level: "V" }),
          clear: () => source.clear(),
        }}
      />
      <LogTruth log={log} paused={paused} onAgain={() => source.reopen()} onGoOn={() => pause(false)} />
      <LogList view={log.view} source={source} wrap={wrap} found={found} filter={filter} />
    </section>
  );
}

function stamp(): string {
  return new Date().toISOString().slice(0, 19).replace("T", " ").replaceAll(":", ".");
}

function download(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
