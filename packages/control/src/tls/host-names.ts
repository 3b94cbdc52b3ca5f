/** The names and addresses by which this machine is called, and those that a certificate of our own may ever speak for. */
import { BlockList, isIP } from "node:net";
import { hostname, networkInterfaces } from "node:os";

export interface HostNames {
  readonly dns: readonly string[];
  readonly ips: readonly string[];
}

/** `also`: a host that is listened on, or that people use from outside; a name or an address. */
export function ownNames(also: readonly string[]): HostNames {
  const own = hostname().toLowerCase().replace(/\.$/, "");
  const short = own.split(".")[0] ?? own;
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each?.map(({ address }) => address) ?? []);
  const given = also.map((host) => host.toLowerCase().replace(/^\[|\]$/g, ""));
  return {
    dns: unique(["localhost", own, short, `${short}.local`, ...given].filter(isDnsName)),
    ips: unique([...addresses, ...given].map((address) => address.split("%")[0] ?? "").filter((a) => isIP(a) !== 0 && !isAny(a))),
  };
}

/** All a certificate may hold (RFC 1123); an address in digits is none. */
function isDnsName(name: string): boolean {
  return (
    name.length <= 253 &&
    isIP(name) === 0 &&
    /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)
  );
}

function isAny(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

/** Names that no public authority gives out, and networks that are nobody's on the internet: what a lab's own machines are called. */
const PRIVATE = {
  dns: ["localhost", "local", "lan", "internal", "home.arpa"],
  ips: [
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "100.64.0.0/10",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
  ],
} as const;

/**
 * What an authority made here may ever sign for (RFC 5280, 4.2.1.10): private names and networks, and this machine's own. Whoever steals
 * its key can then not pretend to be anybody's bank to the people who trust it.
 */
export function permittedNames(own: HostNames): HostNames {
  const single = own.ips.map((address) => `${address}/${isIP(address) === 4 ? 32 : 128}`);
  return { dns: unique([...PRIVATE.dns, ...own.dns]), ips: [...new Set([...PRIVATE.ips, ...single])] };
}

/** Those of the names that the authority may sign for; one name too many, and a client refuses the whole certificate. */
export function permittedOf(names: HostNames, permitted: HostNames): HostNames {
  const networks = new BlockList();
  for (const network of permitted.ips) {
    const [address = "", bits] = network.split("/");
    networks.addSubnet(address, Number(bits), family(address));
  }
  return {
    dns: names.dns.filter((name) => permitted.dns.some((base) => name === base || name.endsWith(`.${base}`))),
    ips: names.ips.filter((address) => networks.check(address, family(address))),
  };
}

function family(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 4 ? "ipv4" : "ipv6";
}
