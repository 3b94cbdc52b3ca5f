import { Button, Skeleton } from "@mantine/core";
import type { Device, FileList } from "@phonerack/contract/api";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../api/client.js";
import { useKeep } from "../artifacts/use-keep.js";
import { ErrorNote } from "../frame/error-note.js";
import { doOnDevice } from "../jobs/do-on-device.js";
import { formatBytes } from "../language/format.js";
import { useLive } from "../live/live.js";
import { mayTouch } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import { filesDropped } from "../uploads/dropped-files.js";
import { Crumbs } from "./crumbs.js";
import { NameField } from "./file-row.js";
import { FileRows } from "./file-rows.js";
import { FileTools } from "./file-tools.js";
import css from "./files.module.css";
import { UploadList } from "./upload-list.js";

const HOME = "/sdcard";
const PAGE = 500;

/** The files of one phone that one holds. */
export function Files({ device }: { device: Device }) {
  const { t } = useTranslation();
  const session = useSession();
  if (!mayTouch(session, device)) return <p className={css.none}>{t("files.notYours")}</p>;
  if (device.state !== "ready") return <p className={css.none}>{t("files.notReady")}</p>;
  return <Browser key={device.hold.epoch} device={device} />;
}

function Browser({ device }: { device: Device }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [path, setPath] = useState(HOME);
  const [hidden, setHidden] = useState(false);
  const [making, setMaking] = useState(false);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [failure, setFailure] = useState<unknown>();
  const keep = useKeep(device);
  const key = ["phone-files", device.id];
  const uploads = useLive().fileUploads.of(device.id, device.hold.epoch);
  const sending = useSyncExternalStore(uploads.subscribe, uploads.get);
  const written = sending.filter(({ state }) => state === "done").length;
  useEffect(() => {
    if (written > 0) void queries.invalidateQueries({ queryKey: ["phone-files", device.id] });
  }, [written, device.id, queries]);
  const list = useInfiniteQuery({
    queryKey: [...key, path],
    queryFn: ({ pageParam }) =>
      client.devices.files({
        id: device.id,
        path,
        limit: String(PAGE),
        ...(pageParam === null ? {} : { after: pageParam }),
      }) as Promise<FileList>,
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
  const pages = list.data?.pages ?? [];
  const entries = useMemo(
    () => pages.flatMap((one) => one.entries).filter(({ name }) => hidden || !name.startsWith(".")),
    [pages, hidden],
  );
  const open = (next: string) => {
    setPath(next);
    setSelected(new Set());
    setFailure(undefined);
    setMaking(false);
  };
  const change = async (work: () => Promise<unknown>) => {
    setFailure(undefined);
    await work().catch(setFailure);
    await queries.invalidateQueries({ queryKey: key });
  };
  const at = (name: string) => `${path === "/" ? "" : path}/${name}`;
  const remove = (names: readonly string[]) =>
    change(async () => {
      for (const name of names) await doOnDevice(device.id, { type: "remove", path: at(name) });
      setSelected(new Set());
    });
  const total = pages[0]?.total ?? 0;
  return (
    <section
      className={css.files}
      aria-label={t("files.title")}
      onDragOver={(event) => event.dataTransfer.types.includes("Files") && event.preventDefault()}
      onDrop={(event) => {
        if (event.dataTransfer.files.length === 0) return;
        event.preventDefault();
        filesDropped(event.dataTransfer).then((files) => uploads.take(files, path), setFailure);
      }}
    >
      <Crumbs path={path} onOpen={open} />
      <FileTools
        onFiles={(files) => uploads.take(files, path)}
        onNewFolder={() => setMaking(true)}
        hidden={hidden}
        onHidden={setHidden}
        selected={selected.size}
        onRemove={() => void remove([...selected])}
      />
      {making && (
        <NameField
          name=""
          onCancel={() => setMaking(false)}
          onSave={(name) =>
            change(() => doOnDevice(device.id, { type: "make-folder", path: at(name) })).finally(() => setMaking(false))
          }
        />
      )}
      <UploadList uploads={uploads} items={sending} />
      {failure !== undefined && <ErrorNote error={failure} />}
      <KeptNote keep={keep} />
      {list.error ? (
        <ErrorNote error={list.error} onAgain={() => void list.refetch()} />
      ) : list.isPending ? (
        <div role="status" aria-busy="true" aria-label={t("files.loading")}>
          {[0, 1, 2, 3, 4].map((line) => (
            <Skeleton key={line} height={28} mb={8} />
          ))}
        </div>
      ) : (
        <FileRows
          entries={entries}
          deviceId={device.id}
          folder={path}
          hiding={total > 0}
          selected={selected}
          onSelect={(name, on) =>
            setSelected((before) => new Set(on ? [...before, name] : [...before].filter((one) => one !== name)))
          }
          onOpen={open}
          onKeep={(name) => keep.mutate({ type: "get", path: at(name) })}
          onRename={(name, to) => change(() => doOnDevice(device.id, { type: "move", path: at(name), to: at(to) }))}
          onRemove={(name) => void remove([name])}
        />
      )}
      {list.hasNextPage && (
        <Button size="xs" variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t("files.more", { count: total })}
        </Button>
      )}
      {pages[0]?.free != null && <p className={css.dim}>{t("files.free", { size: formatBytes(pages[0].free) })}</p>}
    </section>
  );
}

/** How keeping something went. */
function KeptNote({ keep: { error, isSuccess, variables } }: { keep: ReturnType<typeof useKeep> }) {
  const { t } = useTranslation();
  if (error) return <ErrorNote error={error} />;
  if (!isSuccess || variables.type !== "get") return null;
  return (
    <p className={css.dim} role="status">
      {t("files.kept", { name: variables.path.split("/").at(-1) })}
    </p>
  );
}
