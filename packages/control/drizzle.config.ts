import { defineConfig } from "drizzle-kit";

// `npx drizzle-kit generate --name WHAT` in this folder writes the next migration; the SQL is read by people and shipped as it is.
export default defineConfig({
  dialect: "postgresql",
  schema: [
    "./src/database/schema.ts",
    "./src/database/work-schema.ts",
    "./src/database/law-schema.ts",
    "./src/database/auth-schema.ts",
  ],
  out: "./migrations",
});
