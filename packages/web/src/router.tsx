/** Which address shows which page. Pages other than the wall are loaded when they are first opened. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { readSide } from "./device/sides.js";
import { FailedPage, MissingPage } from "./frame/failed-page.js";
import { Frame } from "./frame/frame.js";
import { readNewGroupSearch } from "./groups/new-group-search.js";
import { readLeasesSearch } from "./leases/leases-search.js";
import { readRegisterSearch } from "./register/register-search.js";
import { WallPage } from "./wall/wall-page.js";
import { readWallSearch } from "./wall/wall-search.js";

const rootRoute = createRootRoute({ component: Frame, notFoundComponent: MissingPage, errorComponent: FailedPage });

const wallRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  validateSearch: readWallSearch,
  component: WallPage,
});

const deviceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/devices/$id",
  validateSearch: readSide,
  component: lazyRouteComponent(() => import("./device/device-page.js"), "DevicePage"),
});

const racksRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/racks",
  component: lazyRouteComponent(() => import("./racks/racks-page.js"), "RacksPage"),
});

const leasesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/leases",
  validateSearch: readLeasesSearch,
  component: lazyRouteComponent(() => import("./leases/leases-page.js"), "LeasesPage"),
});

const groupsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/groups",
  component: lazyRouteComponent(() => import("./groups/groups-page.js"), "GroupsPage"),
});

const newGroupRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/groups/new",
  validateSearch: readNewGroupSearch,
  component: lazyRouteComponent(() => import("./groups/new-group-page.js"), "NewGroupPage"),
});

const groupRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/groups/$id",
  validateSearch: (search): { phone?: string } => (typeof search.phone === "string" ? { phone: search.phone } : {}),
  component: lazyRouteComponent(() => import("./groups/group-page.js"), "GroupPage"),
});

const appsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/apps",
  component: lazyRouteComponent(() => import("./apps/apps-page.js"), "AppsPage"),
});

const jobsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/jobs",
  validateSearch: (search): { single?: true } => (search.single === true ? { single: true } : {}),
  component: lazyRouteComponent(() => import("./jobs/jobs-page.js"), "JobsPage"),
});

const jobRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/jobs/$id",
  validateSearch: (search): { phone?: string } => (typeof search.phone === "string" ? { phone: search.phone } : {}),
  component: lazyRouteComponent(() => import("./jobs/job-page.js"), "JobPage"),
});

const settingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("./settings/settings-page.js"), "SettingsPage"),
});

const accountRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/account",
  component: lazyRouteComponent(() => import("./account/account-page.js"), "AccountPage"),
});

const keptRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/account/kept",
  component: lazyRouteComponent(() => import("./privacy/kept-page.js"), "KeptPage"),
});

const adminRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/admin/{-$part}",
  validateSearch: readRegisterSearch,
  component: lazyRouteComponent(() => import("./admin/admin-page.js"), "AdminPage"),
});

const inviteRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/invite/$id",
  component: lazyRouteComponent(() => import("./invite/invite-page.js"), "InvitePage"),
  staticData: { alone: true, open: true },
});

const terminalRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/device",
  validateSearch: readTerminalSearch,
  component: lazyRouteComponent(() => import("./log-in/terminal-page.js"), "TerminalPage"),
  staticData: { alone: true },
});

const routes = rootRoute.addChildren([
  wallRoute,
  racksRoute,
  leasesRoute,
  groupsRoute,
  newGroupRoute,
  groupRoute,
  appsRoute,
  jobsRoute,
  jobRoute,
  deviceRoute,
  settingsRoute,
  accountRoute,
  keptRoute,
  adminRoute,
  inviteRoute,
  terminalRoute,
]);

/** better-auth calls it `user_code`, people are shown `code`. */
function readTerminalSearch(search: Record<string, unknown>): { code?: string } {
  const code = search.code ?? search.user_code;
  return typeof code === "string" || typeof code === "number" ? { code: String(code) } : {};
}

export function makeRouter() {
  return createRouter({ routeTree: routes, defaultPreload: "intent" });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
  interface StaticDataRouteOption {
    /** Stands without rail and top bar. */
    alone?: boolean;
    /** Opens without a log-in. */
    open?: boolean;
  }
}
