import { useDisclosure, useHotkeys } from "@mantine/hooks";
import { Outlet, useMatches } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { PausedLine } from "../flags/paused-line.js";
import { GroupMarks } from "../groups/group-marks.js";
import { EndedLines } from "../leases/ended-lines.js";
import { EndingLines } from "../leases/ending-lines.js";
import { useLiveStatus } from "../live/live.js";
import { useIsErasing } from "../privacy/use-erasure.js";
import { DockView } from "../workbench/dock-view.js";
import { FileDrop } from "../workbench/file-drop.js";
import { useOrder } from "../workbench/use-dock.js";
import { CompleteLine } from "./complete-line.js";
import { Door } from "./door.js";
import css from "./frame.module.css";
import { LostLine } from "./lost-line.js";
import { Rail } from "./rail.js";
import { TopBar } from "./top-bar.js";

const Palette = lazy(async () => ({ default: (await import("./palette.js")).Palette }));
const WorkDialog = lazy(async () => ({ default: (await import("../workbench/work-dialog.js")).WorkDialog }));
const LogInPage = lazy(async () => ({ default: (await import("../log-in/log-in-page.js")).LogInPage }));

/** What stands around every page: rail, top bar, and the palette over it. Instead of it the log-in, while nobody is logged in. */
export function Frame() {
  const { t } = useTranslation();
  const [searching, palette] = useDisclosure(false);
  const status = useLiveStatus();
  const pages = useMatches();
  const ordering = useOrder() !== undefined;
  // An empty list of tags to ignore: Ctrl-K works from within text fields too.
  useHotkeys([["mod+K", palette.open]], []);
  const open = pages.some(({ staticData }) => staticData.open);
  // Who has just erased themselves is told so first, on the page where they did.
  const erased = useIsErasing() && pages.some(({ routeId }) => routeId === "/account/kept");
  if (status.phase === "refused" && status.reason === "unauthorised" && !open && !erased) {
    return (
      <Suspense>
        <LogInPage />
      </Suspense>
    );
  }
  if (pages.some(({ staticData }) => staticData.alone)) return <Outlet />;
  return (
    <div className={css.frame}>
      <a className={css.skip} href="#page">
        {t("nav.skip")}
      </a>
      <TopBar onSearch={palette.open} />
      <Rail onSearch={palette.open} />
      <div className={css.content}>
        <GroupMarks />
        <LostLine status={status} />
        <EndingLines />
        <EndedLines />
        <PausedLine />
        <CompleteLine />
        <main id="page" className={css.page} tabIndex={-1}>
          {status.phase === "refused" && !erased ? <Door reason={status.reason} /> : <Outlet />}
        </main>
        <DockView onWall={pages.some(({ routeId }) => routeId === "/")} job={jobOf(pages)} />
      </div>
      <FileDrop />
      {ordering && (
        <Suspense>
          <WorkDialog />
        </Suspense>
      )}
      {searching && (
        <Suspense>
          <Palette onClose={palette.close} />
        </Suspense>
      )}
    </div>
  );
}

/** The job whose page is open. */
function jobOf(pages: ReturnType<typeof useMatches>): string | undefined {
  const page = pages.find(({ routeId }) => routeId === "/jobs/$id");
  return page && "id" in page.params ? String(page.params.id) : undefined;
}
