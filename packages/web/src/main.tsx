/** Starts the console: language, live connection, data, routes. */
import "@mantine/core/styles.layer.css";
import "./app.css";
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { z } from "zod";
import { whyRefused } from "./api/client.js";
import { followLive } from "./api/follow-live.js";
import { startLanguage } from "./language/language.js";
import { createLive, LiveProvider } from "./live/live.js";
import { makeRouter } from "./router.js";
import { theme } from "./theme.js";

// Zod would compile its parsers with `new Function`, which the page's Content-Security-Policy refuses, loudly.
z.config({ jitless: true });

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

await startLanguage();
const live = createLive(whyRefused);
live.connection.start();
addEventListener("online", () => live.connection.retryNow());
document.addEventListener("visibilitychange", () => {
  live.tileWatcher.setHidden(document.hidden);
  if (!document.hidden) live.connection.retryNow();
});

const queries = new QueryClient({ defaultOptions: { queries: { retry: 1, staleTime: 10_000, refetchOnWindowFocus: false } } });
followLive(live.connection, queries);

createRoot(root).render(
  <MantineProvider theme={theme} defaultColorScheme="auto">
    <QueryClientProvider client={queries}>
      <LiveProvider live={live}>
        <RouterProvider router={makeRouter()} />
      </LiveProvider>
    </QueryClientProvider>
  </MantineProvider>,
);
