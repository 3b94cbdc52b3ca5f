/** ip, ifconfig, netstat, ping: a phone with a loopback and no network, or one that says it is on a Wi-Fi (`radios.ts`). What it says of itself is not the machine's. */
import type { Call, Command, CommandSet } from "../command.js";

const LOOPBACK = [
  "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000",
  "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00",
  "    inet 127.0.0.1/8 scope host lo",
  "       valid_lft forever preferred_lft forever",
];
const WIFI = [
  "2: wlan0: <BROADCAST,MULTICAST> mtu 1500 qdisc mq state DOWN group default qlen 3000",
  "    link/ether 02:00:00:00:00:00 brd ff:ff:ff:ff:ff:ff",
];

const ON_WIFI = [
  "2: wlan0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 3000",
  "    link/ether 02:00:00:00:00:00 brd ff:ff:ff:ff:ff:ff",
  "    inet 192.0.2.17/24 brd 192.0.2.255 scope global wlan0",
  "       valid_lft forever preferred_lft forever",
];
const ROUTES = [
  "default via 192.0.2.1 dev wlan0 table 1014 proto static",
  "192.0.2.0/24 dev wlan0 table 1014 proto static scope link",
  "192.0.2.0/24 dev wlan0 proto kernel scope link src 192.0.2.17",
];
const LOCAL = ["local 127.0.0.0/8 dev lo table local proto kernel scope host src 127.0.0.1"];

const ip: Command = (call) => {
  const { connected } = call.phone.radios;
  const wifi = connected ? ON_WIFI : WIFI;
  const words = call.args.filter((arg) => !arg.startsWith("-"));
  const [object = "", verb = "", ...rest] = words;
  if ("address".startsWith(object) && object !== "") {
    const device = [verb, ...rest].find((word) => word === "lo" || word === "wlan0");
    return call.sayAll(device === "wlan0" ? wifi : device === "lo" ? LOOPBACK : [...LOOPBACK, ...wifi]);
  }
  if ("link".startsWith(object) && object !== "") return call.say(...LOOPBACK.slice(0, 2), ...wifi.slice(0, 2));
  if ("route".startsWith(object) && object !== "" && !call.args.includes("-6")) {
    const all = [verb, ...rest].includes("all");
    return call.sayAll([...(connected ? (all ? ROUTES : ROUTES.slice(2)) : []), ...(all ? LOCAL : [])]);
  }
  if ("route".startsWith(object) || "rule".startsWith(object) || "neigh".startsWith(object)) return Promise.resolve(0);
  return call.complain(
    "Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\nwhere  OBJECT := { link | address | route | rule | neigh }",
    255,
  );
};

const ifconfig: Command = (call) => {
  const lo = [
    "lo        Link encap:Local Loopback  ",
    "          inet addr:127.0.0.1  Mask:255.0.0.0 ",
    "          UP LOOPBACK RUNNING  MTU:65536  Metric:1",
    "          RX packets:52 errors:0 dropped:0 overruns:0 frame:0 ",
    "          TX packets:52 errors:0 dropped:0 overruns:0 carrier:0 ",
    "          collisions:0 txqueuelen:1000 ",
    "          RX bytes:4188 TX bytes:4188 ",
    "",
  ];
  const wlan = [
    "wlan0     Link encap:Ethernet  HWaddr 02:00:00:00:00:00",
    "          BROADCAST MULTICAST  MTU:1500  Metric:1",
    "",
  ];
  const [name] = call.args;
  if (name !== undefined && name !== "lo" && name !== "wlan0" && name !== "-a") return call.fail(`${name}: No such device`);
  return call.sayAll(name === "wlan0" ? wlan : name === "lo" || name === undefined ? lo : [...lo, ...wlan]);
};

const netstat: Command = (call) =>
  call.say(
    "Active Internet connections (w/o servers)",
    "Proto Recv-Q Send-Q Local Address           Foreign Address         State",
    ...(call.args.some((arg) => /[la]/.test(arg))
      ? [`tcp        0      0 0.0.0.0:${String(call.host.adbPort).padEnd(15)} 0.0.0.0:*               LISTEN`]
      : []),
  );

const ping: Command = async (call) => {
  const target = call.args.filter((arg, index) => !arg.startsWith("-") && !/^-[cwiWs]$/.test(call.args[index - 1] ?? "")).at(-1);
  if (target === undefined) return call.complain("usage: ping [-c count] [-w deadline] host", 2);
  if (target !== "127.0.0.1" && target !== "localhost")
    return call.complain(/^[\d.]+$/.test(target) ? "connect: Network is unreachable" : `ping: unknown host ${target}`, 2);
  const at = call.args.indexOf("-c");
  const count = Math.min(at >= 0 ? Number(call.args[at + 1]) || 1 : Number.POSITIVE_INFINITY, 1e6);
  await call.say(`PING ${target} (127.0.0.1) 56(84) bytes of data.`);
  let sent = 0;
  while (sent < count) {
    await call.say(`64 bytes from 127.0.0.1: icmp_seq=${++sent} ttl=64 time=0.045 ms`);
    if (sent < count && !(await call.sleep(1000))) break;
  }
  return call.say(
    "",
    `--- ${target} ping statistics ---`,
    `${sent} packets transmitted, ${sent} received, 0% packet loss, time ${sent - 1}000ms`,
  );
};

/** There is no network to reach. */
const unreachable = (call: Call): Promise<number> => call.fail("connect: Network is unreachable");

export const networkCommands: CommandSet = {
  toybox: { ifconfig, nc: unreachable, netcat: unreachable, netstat },
  own: { ip, ping, ping6: ping, ss: netstat },
};
