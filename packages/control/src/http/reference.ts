/** docs/api.md: every route of the contract in one table. Written by scripts/reference.mjs; a test compares the page with the contract. */
import { isContractProcedure } from "@orpc/contract";
import { API_PREFIX, contract } from "@phonerack/contract/api";
import { contractRoutes } from "./api.js";

const HEAD = `# The HTTP API

Made by \`node scripts/reference.mjs\` from the contract; change that (\`packages/contract/src/api\`). What goes in and out of each route stands, as OpenAPI 3.1, at
\`${API_PREFIX}/openapi.json\` of a running phonerack. Send \`Authorization: Bearer …\` with an API key or a log-in's token. What is refused is answered with a row of the
[error table](errors.md). From TypeScript: [client.md](client.md).

_Who_ is the least role in one's organisation that may; \`lab-…\`: in the lab's own. _Scope_ is what an API key needs.`;

const SOCKETS = `## WebSockets

| path | who | scope | what |
| --- | --- | --- | --- |
| \`/live\` | viewer | read | pictures, sound, input by hand, what changes: \`packages/contract/src/api/live.ts\` |
| \`/devices/{id}/shell\` | member | drive | a shell on a device that you hold: \`?command=…&rows=…&columns=…\`; bytes by kind (\`packages/contract/src/pipes.ts\`) |
| \`/devices/{id}/logs\` | member | drive | its log: \`?wish={…}\`; bytes by kind |
| \`/devices/{id}/adb\` | member | drive | ADB's own bytes, for \`phonerack adb\` |
| \`/bus\` | agents | – | the bus, for agents without NATS |`;

export function apiReference(): string {
  const nouns = new Map<string, string[]>();
  for (const { name, method, path, rule } of contractRoutes()) {
    const noun = name.includes(".") ? (name.split(".")[0] ?? "") : "lab itself";
    const line = `| ${method} | \`${path}\` | ${rule.who} | ${rule.scope} | ${summaryOf(name)} |`;
    nouns.set(noun, [...(nouns.get(noun) ?? []), line]);
  }
  const tables = [...nouns].map(
    ([noun, lines]) =>
      `## ${noun}\n\n| method | path | who | scope | what |\n| --- | --- | --- | --- | --- |\n${lines.join("\n")}`,
  );
  return `${[HEAD, ...tables, SOCKETS].join("\n\n")}\n`;
}

function summaryOf(name: string): string {
  let part: unknown = contract;
  for (const word of name.split(".")) part = (part as Record<string, unknown>)[word];
  const summary = isContractProcedure(part) ? part["~orpc"].route.summary : undefined;
  if (summary === undefined) throw new Error(`the route ${name} of the contract has no summary`);
  return summary.replaceAll("|", "\\|");
}
