/** Which address shows which page. Pages other than the wall are loaded when they are first opened. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { FailedPage, MissingPage } from "./frame/failed-page.js";
import { Frame } from "./frame/frame.js";
import { readLeasesSearch } from "./leases/leases-search.js";
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
  component: lazyRouteComponent(() => import("./device/device-page.js"), "DevicePage"),
});

const leasesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/leases",
  validateSearch: readLeasesSearch,
  component: lazyRouteComponent(() => import("./leases/leases-page.js"), "LeasesPage"),
});

const settingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("./settings/settings-page.js"), "SettingsPage"),
});

const routes = rootRoute.addChildren([wallRoute, leasesRoute, deviceRoute, settingsRoute]);

export function makeRouter() {
  return createRouter({ routeTree: routes, defaultPreload: "intent" });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
