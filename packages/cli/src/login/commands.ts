/** `phonerack login`, `logout` and `whoami`: who this terminal is for a control that is not this machine's own. */
import { PhonerackError } from "@phonerack/contract/bus";
import type { Command } from "commander";
import { ApiClient } from "../api/api-client.js";
import { client, command, example, type Flags, say } from "../api/command.js";
import { findControl, findPlace } from "../api/find-control.js";
import { forgetLogIn, keepLogIn } from "./credentials.js";
import { askForCode } from "./device-flow.js";
import { trustOnFirstUse } from "./trust.js";

interface LogInFlags extends Flags {
  readonly fingerprint?: string;
}

export function addLogInCommands(program: Command): void {
  command(program, "login", "log this terminal in, by a browser that is logged in")
    .option("--fingerprint <sha256>", "of the CA of its certificate, as control's terminal shows it; else you are asked")
    .addHelpText("after", example("login --control https://lab:7171", "login --control https://lab:7171 --fingerprint AB:CD:…"))
    .action(logIn);
  command(program, "logout", "end this terminal's log-in")
    .addHelpText("after", example("logout", "logout --control https://lab:7171"))
    .action(logOut);
  command(program, "whoami", "say who this terminal is, and for whom it acts")
    .addHelpText("after", example("whoami", "whoami --json | jq -r .actor"))
    .action(whoAmI);
}

async function logIn(flags: LogInFlags): Promise<void> {
  const { place } = await findPlace(flags);
  const { url } = place;
  const ca = flags.ca === undefined ? await trustOnFirstUse(url, flags.fingerprint) : place.ca;
  const trusted = { url, ...(ca === undefined ? {} : { ca }) };
  const asked = await askForCode(trusted);
  const { code, link, expiresAt } = asked;
  say(flags, { code, link, expiresAt }, `Open ${link}\nand confirm the code  ${code}  (Ctrl-C gives up)`);
  const token = await asked.token();
  const session = await new ApiClient({ ...trusted, token }).session();
  await keepLogIn(url, { token, name: session.name, expiresAt: session.expiresAt, ...(ca === undefined ? {} : { ca }) });
  say(
    flags,
    { url, ...session },
    `Logged in to ${url} as ${session.name}${session.tenantName ? `, for ${session.tenantName}` : ""}`,
  );
}

async function logOut(flags: Flags): Promise<void> {
  const { place, logIn: kept } = await findPlace(flags);
  if (!kept) throw new PhonerackError("unauthorised", `this terminal is not logged in to ${place.url}`);
  // Control may be gone for good, or have ended it already: here it is forgotten in any case.
  const ended = await new ApiClient({ ...place, token: kept.token }).logOut().catch((error: unknown) => {
    process.stderr.write(`phonerack: ${place.url} was not told: ${error instanceof Error ? error.message : String(error)}\n`);
    return false;
  });
  await forgetLogIn(place.url);
  say(flags, { url: place.url, ended }, `Logged out of ${place.url}`);
}

async function whoAmI(flags: Flags): Promise<void> {
  const { url } = await findControl(flags);
  const session = await (await client(flags)).session();
  const { name, email, tenantName, role, kind, expiresAt } = session;
  const lines = [
    `${name}${email ? ` <${email}>` : ""}${kind === "person" ? "" : kind === "key" ? " (API key)" : " (this machine's admin token)"}`,
    `at   ${url}`,
    ...(tenantName ? [`for  ${tenantName}, as ${role ?? "nobody"}`] : []),
    ...(expiresAt === null ? [] : [`till ${new Date(expiresAt).toLocaleString("sv-SE")}`]),
  ];
  say(flags, { url, ...session }, lines.join("\n"));
}
