import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where `vite` (development only) finds a running phonerack; the built console is served by control itself. */
const control = "http://127.0.0.1:7171";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  worker: { format: "es" },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    // Inlined assets would be data: URLs, which the page's Content-Security-Policy refuses for workers and fetches.
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "react", test: /node_modules\/(react|react-dom|scheduler)\// },
            { name: "mantine", test: /node_modules\/(@mantine|@floating-ui)\// },
            { name: "data", test: /node_modules\/(@tanstack|@orpc|zod|i18next|react-i18next)\// },
          ],
        },
      },
    },
  },
  server: { proxy: { "/api": { target: control, ws: true }, "/enter": control } },
});
