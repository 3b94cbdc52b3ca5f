/**
 * Nothing by which one could ask phonerack for what it never builds. This reads names, not intentions: it is a fence against a verb that slips in. What the lab does is held by
 * the gate and tried by the red team.
 */
import { resolve } from "node:path";
import { Command, Option } from "commander";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { commandsOf, type Named, routesOf, schemasOf, wholeSurface } from "../test/never-built/surface.js";
import { neverIn, neverSaidIn } from "../test/never-built/words.js";
import { createProgram } from "./program.js";

interface Exception {
  readonly name: string;
  readonly where: RegExp;
  readonly why: string;
}

const SCREEN = "which way up the screen is";
const RECORD = "the record of a licence; nothing reaches the phone";
const PUT_BACK = "cleaning looks whether somebody left one, and takes it out";

const EXCEPTIONS: readonly Exception[] = [
  { name: "rotation", where: /^api (devices|jobs)\./, why: SCREEN },
  { name: "rotation", where: /^contract\/(api|bus) (AskReply|Device\w*|Job\w*|Screen|TaskOrder|ToBrowser)$/, why: SCREEN },
  { name: "--rotation", where: /^cli : set$/, why: SCREEN },
  {
    name: "rotate",
    where: /^contract\/(api|bus) (FromBrowser|HandEvent|Input|InputOrder)$/,
    why: "turns the screen, as scrcpy does",
  },
  {
    name: "/devices/{id}/identity",
    where: /^api devices\.settle$/,
    why: "which of two phones of one serial this is to the lab; nothing reaches the phone",
  },
  { name: "model", where: /^(api leases\.create in|contract\/(api|bus) LeaseRequest)$/, why: "which phones one wishes for" },
  {
    name: "manufacturer",
    where: /^(api leases\.create in|contract\/(api|bus) LeaseRequest)$/,
    why: "which phones one wishes for",
  },
  { name: "model", where: /^api register\.put in$/, why: RECORD },
  { name: "manufacturer", where: /^api register\.put in$/, why: RECORD },
  { name: "imeis", where: /^api register\.put in$/, why: RECORD },
  { name: "register_imeis", where: /^packages\/control\/src\/database\/law-schema\.ts$/, why: RECORD },
  { name: "imei", where: /^packages\/control\/src\/database\/law-schema\.ts$/, why: RECORD },
  { name: "--fingerprint", where: /^cli : (agent|login)$/, why: "of a CA, which one compares" },
  {
    name: "fingerprint",
    where: /^packages\/control\/src\/(database\/work-schema|watch\/rules\/linked)\.ts$/,
    why: "of an adb key",
  },
  { name: "--model", where: /^cli : virtual$/, why: "a virtual phone says that it is one, whichever screen it has" },
];

const SAID_EXCEPTIONS: readonly Exception[] = [
  "always_on_vpn_app",
  "always_on_vpn_lockdown",
  "global.http_proxy",
  "global_http_proxy_exclusion_list",
  "global_http_proxy_host",
  "global_http_proxy_port",
  "http_proxy",
  "settings put global http_proxy :0",
].map((name) => ({ name: `"${name}"`, where: /^packages\/agent\/src\/cleaning\/settings\.ts$/, why: PUT_BACK }));

const fits =
  ({ name, where }: Named) =>
  (exception: Exception) =>
    exception.name === name && exception.where.test(where);

/** What is found and nobody has a reason for; and which reasons nobody needs any more. */
function weigh(all: readonly Named[], never: (one: Named) => string | undefined, exceptions: readonly Exception[]) {
  const found = all.filter((one) => never(one) !== undefined);
  return {
    unexplained: found.filter((one) => !exceptions.some(fits(one))).map((one) => `${one.where}: ${one.name} (${never(one)})`),
    unneeded: exceptions.filter((exception) => !found.some((one) => fits(one)(exception))),
  };
}

describe("what phonerack never builds", () => {
  let surface: Awaited<ReturnType<typeof wholeSurface>>;
  beforeAll(async () => {
    surface = await wholeSurface(resolve(import.meta.dirname, "../../.."), createProgram());
  });

  test("has no name in a route, message, command, setting, table or library", () => {
    for (const known of ["/leases", "--virtual", "stayAwake", "log_bulks", "commander", "PHONERACK_TOKEN", "handover"])
      expect({ known, found: surface.names.some(({ name }) => name.includes(known)) }).toEqual({ known, found: true });
    expect(weigh(surface.names, neverIn, EXCEPTIONS)).toEqual({ unexplained: [], unneeded: [] });
  });

  test("is in no words of the agent to a phone", () => {
    expect(surface.said.some(({ name }) => name.includes("svc wifi"))).toBe(true);
    expect(weigh(surface.said, neverSaidIn, SAID_EXCEPTIONS)).toEqual({ unexplained: [], unneeded: [] });
  });
});

describe("a phonerack that had it", () => {
  const route = (method: string, path: string, schemas: { inputSchema?: z.ZodType; outputSchema?: z.ZodType } = {}) => ({
    "~orpc": { route: { method, path }, ...schemas },
  });
  const takes = (inputSchema: z.ZodType) => ({ act: route("PUT", "/a", { inputSchema }) });

  test.each([
    ["a route that sets an identity", { act: route("POST", "/devices/{id}/identity") }],
    ["a route that rotates", { egress: { act: route("POST", "/egress/rotate") } }],
    ["a noun", { proxies: { list: route("GET", "/list") } }],
    ["a field deep inside", takes(z.object({ b: z.array(z.object({ simSlot: z.int() })) }))],
    ["a choice", takes(z.object({ do: z.enum(["tap", "switchAccount"]) }))],
    ["a member of a union", takes(z.union([z.literal("on"), z.literal("setImei")]))],
    ["what comes back", { act: route("GET", "/a", { outputSchema: z.object({ nextIp: z.string() }) }) }],
  ])("is found by %s", (_, tree) => {
    expect(routesOf(tree).filter((one) => neverIn(one) !== undefined)).not.toEqual([]);
  });

  test("is found in a message of the bus", () => {
    const TaskOrder = z.object({
      task: z.discriminatedUnion("type", [z.object({ type: z.literal("x"), androidId: z.string() })]),
    });
    expect(schemasOf({ TaskOrder }, "bus").filter((one) => neverIn(one) !== undefined)).toHaveLength(1);
  });

  test.each([
    new Command("proxy-pool"),
    new Command("start").option("--rotate-ip", ""),
    new Command("start").option("--spoof-model <m>", ""),
    new Command("start").addOption(new Option("--mode <m>").choices(["plain", "stealth"])),
    new Command("start").argument("<sim-slot>"),
    new Command("start").alias("new-identity"),
    new Command("轮换"),
  ])("is found in a command (%#)", (command) => {
    const program = new Command().addCommand(new Command("deep").addCommand(command));
    expect(commandsOf(program).filter((one) => neverIn(one) !== undefined)).not.toEqual([]);
  });

  test.each([
    "hideLab",
    "rotateip",
    "proxyhost",
    "imei1",
    "ｐｒｏｘｙ",
    "prоxy",
    "humanizeTaps",
    "sms_codes",
    "ICCID",
    "socks5",
    "accountPool",
    "androidId",
    "randomizeMac",
    "fake-model",
    "一键新机",
  ])("is found in the name %s", (name) => expect(neverIn({ where: "", name, asks: true })).toBeDefined());

  test.each([
    "setprop ro.serialno 1",
    "settings put secure android_id 1",
    "pm create-user x",
    "ip rule add from all",
    "settings put global http_proxy a:1",
    "wg-quick up wg0",
    "cmd user create x",
    "resetprop ro.boot.serialno x",
  ])("is found in the words %s", (name) => expect(neverSaidIn({ where: "", name, asks: true })).toBeDefined());

  test.each([
    "rotationless",
    "simple",
    "assimilate",
    "mastery",
    "vendor",
    "accounts",
    "approximate",
    "torch",
    "/devices/{id}/serial-log",
  ])("is not seen in %s, which is none of it", (name) => expect(neverIn({ where: "", name, asks: false })).toBeUndefined());

  test("an exception that nobody needs is told", () => {
    const stale = { name: "rotation", where: /^nowhere$/, why: "" };
    expect(weigh([], neverIn, [stale])).toEqual({ unexplained: [], unneeded: [stale] });
  });
});
