/**
 * What phonerack never builds, as words in which somebody would ask for it. A name is cut into its words first (`rotateIp`, `--rotate-ip`, `ROTATE_IP` and
 * `/rotate/ip` are one), so a rule sees them in lower case with single spaces.
 */
import type { Named } from "./surface.js";

interface Never {
  readonly what: string;
  readonly words: RegExp;
  /** Only where it can be asked for or set: a lab reads a phone's serial, and nobody writes it. */
  readonly asksOnly?: boolean;
}

const IDENTITY =
  "imeis?|meids?|serials?|android id|gaid|advertising id|mac|fingerprint|model|brand|manufacturer|build prop|integrity|attestation|identity|identities";

export const NEVER: readonly Never[] = [
  {
    what: "address rotation",
    words:
      /rotateip|iprotat|\b(rotat(e|es|ing|ion|or)|egress (pool|rotation)|residential|exit (node|ip)s?|ip (pool|change|switch)|(new|next|change|switch|random) ip)\b/,
  },
  {
    what: "proxies and tunnels to elsewhere",
    words: /prox(y|ies)|\b(socks ?[45]?|vpns?|tor|wireguard|openvpn|shadowsocks|v2ray|clash|tether(ing)?|hotspot)\b/,
  },
  {
    what: "SIMs and SMS codes",
    words: /simslot|simcard|iccid|imsi|\b(e?sims?|sim (card|slot|bank|pool)s?|iccid|imsi|msisdn|sms|otp|verification codes?)\b/,
  },
  {
    what: "switching accounts",
    words:
      /\b((switch|change|next|add|rotate|warm|farm|clone) (user|account|profile)s?|accounts? (pool|switch|matrix|farm|warm(up)?)|multi (account|user|open)|dual app|app clone)\b/,
  },
  {
    what: "another identity",
    words: new RegExp(`\\b((spoof|fake|forge|mask|randomi[sz]e|change|set|reset|new) (\\w+ )?(${IDENTITY}))\\b`),
  },
  { what: "another identity", words: new RegExp(`imei|\\b(${IDENTITY})\\b`), asksOnly: true },
  { what: "another identity", words: /spoof|\b(cloak\w*|magisk|xposed|frida|device template|phone template)\b/ },
  {
    what: "hiding that it is a lab's",
    words: /\b((hide|mask|conceal|disguise) \w+|stealth|undetect(ed|able)|anti detect|humani[sz]e(d|r)?|human like|jitter)\b/,
  },
  {
    what: "one of these in Chinese",
    words: /换号|换机|改机|改串|轮换|換號|換機|代理|接码|短信码|养号|养机|群控|刷(赞|单|量|粉|评)|防封|一键新机/,
  },
];

/** What nobody says to a phone: each is one of the above, done. */
export const NEVER_SAID: readonly { readonly what: string; readonly words: RegExp }[] = [
  {
    what: "proxies and tunnels to elsewhere",
    words:
      /http_proxy|global_http_proxy|always_on_vpn|appops? set \S+ ACTIVATE_VPN|\bip rule\b|\biptables\b|tethering|svc wifi .*hotspot|\bwg(-quick)?\b/i,
  },
  {
    what: "another identity",
    words:
      /\b(re)?(set)?prop\b.*\b(ro\.|persist\.)?(boot|serialno|product|build|model|gsm)|settings put \w+ (android_id|bluetooth_address)|(random|set).?mac|service call iphonesubinfo/i,
  },
  {
    what: "switching accounts",
    words: /\b(cmd user create|pm create-user|am switch-user|am start-user|cmd account|AccountManager)\b/,
  },
  { what: "SIMs and SMS codes", words: /\b(isms|content:\/\/sms|service call isms|cmd phone .*sms|sim_slot)\b/i },
];

/** The words of a name. */
export function wordsOf(name: string): string {
  return name
    .normalize("NFKC")
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, "$1 $2")
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1 $2")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()
    .toLowerCase();
}

/** Names of ours are ASCII; what else looks like one is found by its words first, where it has some. */
const ASCII = /^[ -~…]*$/;

/** What it would be, were it built. */
export function neverIn({ name, asks }: Named): string | undefined {
  const words = wordsOf(name);
  if (!ASCII.test(name)) return "a name in letters that look like others";
  return NEVER.find((never) => (asks || !never.asksOnly) && never.words.test(words))?.what;
}

export function neverSaidIn({ name }: Named): string | undefined {
  return NEVER_SAID.find(({ words }) => words.test(name))?.what;
}
