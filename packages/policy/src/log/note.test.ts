import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { expect, test } from "vitest";
import { toBase64, toHex, utf8 } from "./bytes.js";
import { formatCheckpoint, readCheckpoint } from "./checkpoint.js";
import {
  COSIGNATURE,
  checkSigned,
  cosignText,
  formatNote,
  formatVkey,
  type Note,
  parseNote,
  parseVkey,
  signText,
  verifierKey,
} from "./note.js";
import { formatReceipt, parseReceipt, provesEntry } from "./proof.js";
import { Frontier, leafHash, Proofs } from "./tree.js";
import { BadPolicy, checkTrust, parsePolicy } from "./trust.js";

const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();
const SPKI = Buffer.from("302a300506032b6570032100", "hex");
const check = (key: Uint8Array, message: Uint8Array, signature: Uint8Array) =>
  verify(null, message, createPublicKey({ key: Buffer.concat([SPKI, key]), format: "der", type: "spki" }), signature);

function pair(name: string, type?: typeof COSIGNATURE) {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  return {
    key: verifierKey(digest, { name, key: raw, ...(type !== undefined && { type }) }),
    make: (message: Uint8Array) => sign(null, message, privateKey),
  };
}

/** c2sp.org/signed-note, "Example". */
const EXAMPLE = {
  vkey: "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
  note: "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n",
};

test("verifies the example of the specification, and writes it as it is written there", () => {
  const key = parseVkey(digest, EXAMPLE.vkey) ?? expect.unreachable();
  const note = parseNote(EXAMPLE.note) ?? expect.unreachable();
  expect(checkSigned(note, key, check)).toMatchObject({ state: "good" });
  expect([formatVkey(key), formatNote(note)]).toEqual([EXAMPLE.vkey, EXAMPLE.note]);
  expect(checkSigned({ ...note, text: "This is an Example message.\n" }, key, check).state).toBe("bad");
  expect(checkSigned(note, pair("example.com/foo").key, check).state).toBe("missing");
});

/** c2sp.org/tlog-cosignature, its first example: the id of the line is all that can be compared without the key. */
test("reads a cosignature with its time", () => {
  const text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
  const line =
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
  const read = readCheckpoint(`${text}\n${line}`) ?? expect.unreachable();
  expect(read).toMatchObject({ origin: "example.com/behind-the-sofa", size: 20_852_163 });
  expect(toHex(read.note.signatures[0]?.id ?? expect.unreachable())).toBe("8d66cf3f");
  expect(formatCheckpoint(read)).toBe(text);
  expect(formatNote(read.note)).toBe(`${text}\n${line}`);
});

test("takes a witness's word for its own text and time alone", () => {
  const { key, make } = pair("witness.example/w", COSIGNATURE);
  const text = "lab.example/log\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
  const note: Note = { text, signatures: [cosignText(key, { text, time: 1_795_000_000 }, make)] };
  expect(checkSigned(note, key, check)).toEqual({ by: key, state: "good", time: 1_795_000_000 });
  const [line] = note.signatures;
  if (!line) return expect.unreachable();
  const later = Uint8Array.from(line.signature);
  later[7] = (later[7] ?? 0) ^ 1;
  expect(checkSigned({ text, signatures: [{ ...line, signature: later }] }, key, check).state).toBe("bad");
  expect(checkSigned({ text: text.replace("7", "8"), signatures: [line] }, key, check).state).toBe("bad");
  // One good line does not heal a bad one.
  expect(checkSigned({ text, signatures: [line, { ...line, signature: later }] }, key, check).state).toBe("bad");
  const timeless = cosignText(key, { text, time: 0 }, make);
  expect(checkSigned({ text, signatures: [timeless] }, key, check).state).toBe("bad");
});

test.each([
  ["nothing", ""],
  ["no gap", "text\n— a b\n"],
  ["no last line break", EXAMPLE.note.slice(0, -1)],
  ["a tab", EXAMPLE.note.replace("an", "\t")],
  ["another dash", EXAMPLE.note.replace("—", "-")],
  ["base64 written otherwise", EXAMPLE.note.replace("aQM=", "aQN=")],
  ["too long", `${"x".repeat(70_000)}\n\n${EXAMPLE.note.split("\n\n")[1]}`],
])("takes %s for no note of ours", (_what, text) => {
  const note = parseNote(text);
  const key = parseVkey(digest, EXAMPLE.vkey) ?? expect.unreachable();
  expect(note ? checkSigned(note, key, check).state : "bad").toBe("bad");
});

test.each([
  ["a size with a zero before it", "lab\n07\n"],
  ["a negative size", "lab\n-7\n"],
  ["a size beyond what can be counted", "lab\n99999999999999999\n"],
  ["no origin", "\n7\n"],
])("takes %s for no checkpoint", (_what, head) => {
  const { key, make } = pair("lab");
  const text = `${head}CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n`;
  expect(readCheckpoint(formatNote({ text, signatures: [signText(key, text, make)] }))).toBeUndefined();
});

test("refuses keys whose id is another key's, and names that a terminal would obey", () => {
  expect(parseVkey(digest, EXAMPLE.vkey.replace("530d903a", "530d903b"))).toBeUndefined();
  expect(parseVkey(digest, EXAMPLE.vkey.replace("example.com/foo", "example.com/fоo"))).toBeUndefined();
  const { key } = pair("lab");
  for (const name of ["", "a b", "a+b", "a\u2003b", "a\u001b[2J", "a\nb"])
    expect(() => verifierKey(digest, { name, key: key.key })).toThrow(RangeError);
});

const log = pair("lab.example/log");
const witnesses = ["w1", "w2", "w3"].map((name) => pair(name, COSIGNATURE));
const POLICY = [
  "# who is believed",
  `log ${formatVkey(log.key)}`,
  ...witnesses.map(({ key }) => `witness ${key.name} ${formatVkey(key)} https://${key.name}.example`),
  "group two 2 w1 w2 w3",
  "quorum two",
].join("\n");

test("asks for the log's word and a quorum of witnesses", () => {
  const policy = parsePolicy(digest, POLICY);
  const text = "lab.example/log\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
  const own = signText(log.key, text, log.make);
  const seen = witnesses.map(({ key, make }) => cosignText(key, { text, time: 1_795_000_000 }, make));
  const good = (signatures: Note["signatures"]) => checkTrust({ text, signatures }, policy, check).good;
  expect(good([own, ...seen.slice(0, 2)])).toBe(true);
  expect(good([own, ...seen.slice(2)])).toBe(false);
  expect(good(seen)).toBe(false);
  const [first] = seen;
  if (first) expect(good([own, first, first])).toBe(false);
});

test.each([
  ["an unknown word", "logg x"],
  ["no quorum", `log ${formatVkey(log.key)}`],
  ["a quorum of nobody", "quorum w9"],
  ["a witness's key for a log", `log ${formatVkey(witnesses[0]?.key ?? log.key)}\nquorum none`],
  ["a member that counts twice", `${POLICY.replace("quorum two", "group more any w1\nquorum more")}`],
  ["a group of none", `${POLICY.replace("group two 2 w1 w2 w3", "group two any")}`],
  ["more than there are", `${POLICY.replace("group two 2", "group two 4")}`],
  [
    "the same witness under two names",
    `witness a ${formatVkey(witnesses[0]?.key ?? log.key)}\nwitness b ${formatVkey(witnesses[0]?.key ?? log.key)}\nquorum a`,
  ],
])("refuses a policy with %s", (_what, text) => {
  expect(() => parsePolicy(digest, text)).toThrow(BadPolicy);
});

test("gives receipts that prove an entry without the log", async () => {
  const nodes = new Map<string, Uint8Array>();
  const tree = new Frontier(digest);
  const entries = Array.from({ length: 11 }, (_, at) => utf8(`{"seq":${at}}`));
  for (const entry of entries) tree.append(leafHash(digest, entry), (level, index, hash) => nodes.set(`${level}/${index}`, hash));
  const text = formatCheckpoint({ origin: log.key.name, size: tree.size, root: tree.root() });
  const checkpoint =
    readCheckpoint(formatNote({ text, signatures: [signText(log.key, text, log.make)] })) ?? expect.unreachable();
  const proofs = new Proofs(digest, (level, index) => nodes.get(`${level}/${index}`) ?? expect.unreachable());
  const entry = entries[6] ?? expect.unreachable();
  const receipt = { index: 6, proof: await proofs.inclusion(6, 11), checkpoint, extra: entry };
  const written = formatReceipt(receipt);
  expect(written).toMatch(/^c2sp\.org\/tlog-proof@v1\nextra eyJzZXEiOjZ9\nindex 6\n/);
  const read = parseReceipt(written) ?? expect.unreachable();
  expect(formatReceipt(read)).toBe(written);
  expect([provesEntry(digest, read, entry), provesEntry(digest, read, '{"seq":7}')]).toEqual([true, false]);
  expect(provesEntry(digest, { ...read, index: 7 }, entry)).toBe(false);
  for (const broken of ["index 06", "index -1", "index x"])
    expect(parseReceipt(written.replace("index 6", broken))).toBeUndefined();
  expect(parseReceipt(written.replace(toBase64(receipt.proof[0] ?? entry), "AAAA"))).toBeUndefined();
});

/** Keys of node:crypto are not portable: this only shows that raw bytes are what we think they are. */
test("takes keys as RFC 8032 writes them", () => {
  const seed = Buffer.from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "hex");
  const key: KeyObject = createPrivateKey({
    key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]),
    format: "der",
    type: "pkcs8",
  });
  const raw = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
  expect(raw.toString("hex")).toBe("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
});
