/**
 * A register as a lab has it, for `look.mjs`: phones on the network at two sites, of which one is in China; most licensed, some about to end, some wrong in each of the
 * ways that a person gets a record wrong. All by the API, nothing is mocked.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const PER_CHASSIS = 10;
const DAY_MS = 86_400_000;
const NAL = "00-D710-208871";
const SRRC = "2020CP10858";

/** Phones apart from the lab: it reaches them over the network, as boards. @returns the words with which `phonerack up` is told, and how to end them */
export async function startBoards(program, count) {
  const words = ["virtual", "--port", "0", "--control-port", "0", "--json", "--count", String(count), "--fault", "7:on-wifi"];
  const child = spawn(process.execPath, [program, ...words], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise((done) => child.once("close", done));
  const line = await new Promise((done) => createInterface({ input: child.stdout }).once("line", done));
  const { phones } = JSON.parse(line);
  const place = (at) => `C${String(Math.floor(at / PER_CHASSIS) + 1).padStart(2, "0")}/${(at % PER_CHASSIS) + 1}`;
  return {
    words: phones.flatMap(({ address }, at) => ["--connect", `${address}@${place(at)}`]),
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

/** @returns the id of a phone whose record is worth a look */
export async function fillRegister(up, picture) {
  const ask = asker(up);
  const lab = await ask("GET", "/lab");
  await ask("PUT", "/lab", { lab: twoSites(lab) });
  const { items } = await ask("GET", "/devices?limit=1000");
  const boards = items.filter(({ reach }) => reach !== "virtual");
  if (boards.length === 0) return undefined;
  const rows = boards.flatMap((device, at) => (at % 13 === 12 ? [] : [row(device, at)]));
  const { problems } = await ask("POST", "/register/imports", { text: [HEAD, ...rows].join("\n") });
  if (problems.length > 0) throw new Error(`the records were refused: ${JSON.stringify(problems.slice(0, 3))}`);
  const [first] = boards;
  const label = await ask("POST", `/register/devices/${first.id}/evidence?name=label.png`, picture);
  await ask("POST", `/register/devices/${first.id}/evidence?name=certificate.pdf`, Buffer.from("%PDF-1.7\n%a certificate\n"));
  const entered = boards.filter((_device, at) => at % 13 !== 12);
  const confirm = (scheme, number, devices) =>
    ask("POST", "/register/confirmations", { scheme, number, devices: devices.map(({ id }) => id), evidence: label.id });
  const looked = (every) => entered.filter((device) => boards.indexOf(device) % every !== every - 1);
  await confirm("srrc", SRRC, entered);
  await confirm(
    "nal",
    NAL,
    looked(7).filter((device) => boards.indexOf(device) % 17 !== 16),
  );
  return { open: boards[6]?.id ?? first.id, first: first.id };
}

const HEAD =
  "device,manufacturer,marketName,model,imei1,nal.number,nal.model,nal.holder,nal.issued,nal.expires,srrc.number,srrc.model,srrc.expires";

/** Most are in order; each seventeenth has a number that cannot be, each eleventh a wrong IMEI. */
function row({ name, model, manufacturer }, at) {
  const days = [400, 700, 45, 300, 9, 520, 22, 610, 0, 365, 55, 480, 130, -3, 250, 800, 38][at % 17];
  const expires = new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
  const last = new Date(Date.now() + 900 * DAY_MS).toISOString().slice(0, 10);
  const number = at % 17 === 16 ? "D710-208871" : NAL;
  return [
    name,
    manufacturer ?? "",
    "Lab phone",
    model,
    imei(model, at),
    number,
    model,
    "Example Devices Co.",
    "2024-03-31",
    expires,
    SRRC,
    model,
    last,
  ]
    .map((cell) => `"${cell}"`)
    .join(",");
}

/** Of one model all begin alike; the last digit follows from the rest. */
function imei(model, at) {
  const type = [...model].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_000_000, 7);
  const digits = `86${String(type).padStart(6, "0")}${String(at).padStart(6, "0")}`;
  let sum = 0;
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits[digits.length - 1 - place]) * (place % 2 === 0 ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  const check = (10 - (sum % 10)) % 10;
  return `${digits}${at % 11 === 10 ? (check + 1) % 10 : check}`;
}

/** Every second chassis stands in Delft, the others in China. */
function twoSites({ version, sites }) {
  const racks = sites.flatMap((site) => site.racks);
  const all = racks.flatMap((rack) => rack.chassis);
  const at = (rest) => all.filter((_chassis, place) => place % 2 === rest);
  const site = (name, country, chassis) => ({ name, country, racks: [{ name: `${name} R1`, chassis }] });
  return { version, sites: [site("Shenzhen", "CN", at(0)), site("Delft", "NL", at(1))] };
}

function asker({ url, token }) {
  return async (method, path, body) => {
    const bytes = body instanceof Uint8Array;
    const type = body === undefined ? {} : { "content-type": bytes ? "application/octet-stream" : "application/json" };
    const reply = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...type },
      ...(body === undefined ? {} : { body: bytes ? body : JSON.stringify(body) }),
    });
    const answer = await reply.json();
    if (!reply.ok) throw new Error(`${path} was answered ${JSON.stringify(answer)}`);
    return answer;
  };
}
