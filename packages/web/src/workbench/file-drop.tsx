import { useRouter } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatNumber } from "../language/format.js";
import { useLive } from "../live/live.js";
import { mayTouch } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import { filesDropped } from "../uploads/dropped-files.js";
import { type DropTarget, findTarget } from "./drop-target.js";
import css from "./workbench.module.css";

const APK_TYPE = "application/vnd.android.package-archive";

/** Files are over the page: what they would be dropped on, if anything takes them, and whether all of them are apps. */
interface Over {
  readonly target: DropTarget | undefined;
  readonly apps: boolean;
}

/** A browser that is told nothing while files are over it has left the page, whatever it says; it tells every 350 ms at least. */
const STILL_MS = 900;

/**
 * Takes files that are dropped on a tile, the selection, a chassis, a group or a phone's page, and says before what will become of them. A file
 * that is dropped elsewhere is not opened instead of the console. What takes files by itself (the Apps page, a phone's files) says so by `preventDefault`.
 */
export function FileDrop() {
  const over = useFilesOver();
  if (!over) return null;
  return (
    <>
      {over.target && <Outline target={over.target} />}
      <Words over={over} />
    </>
  );
}

function useFilesOver(): Over | undefined {
  const { selection, devices, groups, dock } = useLive();
  const session = useSession();
  const router = useRouter();
  const [over, setOver] = useState<Over>();
  const parts = useRef({ session });
  parts.current = { session };
  useEffect(() => {
    const ended = new AbortController();
    let still: ReturnType<typeof setTimeout> | undefined;
    const targetOf = (event: DragEvent) => {
      if (!(event.target instanceof Element)) return undefined;
      return findTarget(event.target, {
        path: router.state.location.pathname,
        selected: selection.ids,
        membersOf: (group) => groups.members(group).map(({ deviceId }) => deviceId),
        mayTouch: (id) => {
          const device = devices.get(id);
          return device !== undefined && mayTouch(parts.current.session, device);
        },
      });
    };
    const clear = () => {
      clearTimeout(still);
      setOver(undefined);
    };
    const onOver = (event: DragEvent) => {
      if (!hasFiles(event) || !event.dataTransfer) return;
      if (event.defaultPrevented) return clear();
      event.preventDefault();
      const target = targetOf(event);
      event.dataTransfer.dropEffect = target && target.held.length > 0 ? "copy" : "none";
      const apps = [...event.dataTransfer.items].every(({ type }) => type === APK_TYPE);
      setOver((before) => (before && same(before.target, target) && before.apps === apps ? before : { target, apps }));
      clearTimeout(still);
      still = setTimeout(clear, STILL_MS);
    };
    const onDrop = (event: DragEvent) => {
      clear();
      if (!hasFiles(event) || event.defaultPrevented || !event.dataTransfer) return;
      event.preventDefault();
      const target = targetOf(event);
      if (!target) return;
      const title = event.dataTransfer.files[0]?.name ?? "";
      filesDropped(event.dataTransfer).then(
        (files) => dock.take(files, target.held),
        (error: unknown) => dock.refuse(title, target.held, error),
      );
    };
    const options = { signal: ended.signal };
    window.addEventListener("dragover", onOver, options);
    window.addEventListener("drop", onDrop, options);
    window.addEventListener("dragend", clear, options);
    return () => {
      ended.abort();
      clearTimeout(still);
    };
  }, [selection, devices, groups, dock, router]);
  return over;
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}

function same(a: DropTarget | undefined, b: DropTarget | undefined): boolean {
  return a?.element === b?.element && a?.held.join() === b?.held.join();
}

function Outline({ target: { element, held } }: { target: DropTarget }) {
  const { left, top, width, height } = element.getBoundingClientRect();
  return <div className={css.over} data-no={held.length === 0 || undefined} style={{ left, top, width, height }} />;
}

function Words({ over: { target, apps } }: { over: Over }) {
  const { t } = useTranslation();
  const { devices } = useLive();
  if (!target || target.held.length === 0) {
    const words = !target ? "drop.notHere" : target.all.length === 1 ? "drop.notYours" : "drop.noneYours";
    return (
      <div className={css.say} role="status">
        {t(words)}
      </div>
    );
  }
  const { held, all } = target;
  const name = devices.get(held[0] ?? "")?.name ?? "";
  return (
    <div className={css.say} role="status">
      <strong>{t(apps ? "drop.install" : "drop.files", { count: held.length, name })}</strong>
      {held.length < all.length && <p>{t("drop.some", { count: held.length, of: formatNumber(all.length) })}</p>}
    </div>
  );
}
