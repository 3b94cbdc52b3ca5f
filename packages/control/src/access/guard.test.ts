import Fastify from "fastify";
import { expect, test } from "vitest";
import type { Access } from "./access.js";
import { guard, OPEN } from "./guard.js";

test("a server does not start with a route that has no rule", async () => {
  const server = Fastify();
  guard(server, { access: {} as Access, answersTo: () => true });
  server.get("/ruled", { config: { rule: OPEN } }, async () => "hello");
  expect(() => server.get("/forgotten", async () => "hello")).toThrow("the route GET /forgotten has no rule");
  expect(() => server.get("/half", { config: {} }, async () => "hello")).toThrow("has no rule");
  await server.close();
});
