/**
 * Private keys out of Java's keystores, read here so that nothing else must be installed: PKCS #12 (RFC 7292; Android Studio's and keytool's default) and
 * the older JKS. A key's own encryption is undone by Node; certificates are not looked at.
 */
import { createHash, createPrivateKey, type KeyObject } from "node:crypto";
import { PhonerackError } from "@phonerack/contract/bus";
import { type Der, inside, readDer } from "./der.js";

const JKS = 0xfeedfeed;
const JCEKS = 0xcececece;
const DATA = "2a864886f70d010701";
const SHROUDED_KEY = "2a864886f70d010c0a0102";
const PLAIN_KEY = "2a864886f70d010c0a0101";
const FRIENDLY_NAME = "2a864886f70d010914";
const PRIVATE_KEY_ENTRY = 1;
const SHA1 = 20;

interface Entry {
  readonly alias: string;
  open(pass: string): KeyObject;
}

export interface KeyChoice {
  readonly pass: string;
  /** Undefined: the only one. */
  readonly alias: string | undefined;
}

export function isKeystore(bytes: Buffer): boolean {
  return isJava(bytes, JKS) || isJava(bytes, JCEKS) || (bytes[0] === 0x30 && isPfx(bytes));
}

/** Fails with `key_unreadable`. */
export function keyFromKeystore(bytes: Buffer, { alias, pass }: KeyChoice): KeyObject {
  if (isJava(bytes, JCEKS))
    throw unreadable("JCEKS is not read here; 'keytool -importkeystore -deststoretype pkcs12' makes one that is");
  const entries = isJava(bytes, JKS) ? jksEntries(bytes) : pfxEntries(bytes);
  const fitting = entries.filter((entry) => alias === undefined || entry.alias.toLowerCase() === alias.toLowerCase());
  const [only] = fitting;
  const names = entries
    .map((entry) => `'${entry.alias}'`)
    .sort((a, b) => a.localeCompare(b))
    .join(", ");
  if (!only)
    throw unreadable(alias === undefined ? "there is no key in it" : `no key '${alias}' in it; there are ${names || "none"}`);
  if (fitting.length > 1) throw unreadable(`name one with --alias: ${names}`);
  try {
    return only.open(pass);
  } catch (cause) {
    throw cause instanceof PhonerackError ? cause : unreadable(`'${only.alias}' does not open with this password (--pass)`);
  }
}

function unreadable(detail: string): PhonerackError {
  return new PhonerackError("key_unreadable", detail);
}

function isJava(bytes: Buffer, magic: number): boolean {
  return bytes.length >= 4 && bytes.readUInt32BE(0) === magic;
}

/** `SEQUENCE { version 3, ContentInfo … }`. */
function isPfx(bytes: Buffer): boolean {
  try {
    const [version, content] = inside(bytes, 0);
    return version?.tag === 0x02 && version.body[0] === 3 && content?.tag === 0x30;
  } catch {
    return false;
  }
}

/** Keys stand in the parts that are not encrypted as a whole: there each has its own encryption. */
function pfxEntries(bytes: Buffer): Entry[] {
  const [, content] = inside(bytes, 0);
  const safes = inside(dataOf(content), 0);
  const entries: Entry[] = [];
  for (const safe of safes) {
    if (readDer(safe.body)[0]?.body.toString("hex") !== DATA) continue;
    for (const bag of inside(dataOf(safe), 0)) {
      const [id, value, attributes] = readDer(bag.body);
      const kind = id?.body.toString("hex");
      if (!value || (kind !== SHROUDED_KEY && kind !== PLAIN_KEY)) continue;
      const alias = friendlyName(attributes) ?? String(entries.length + 1);
      entries.push({ alias, open: (pass) => pkcs8(value.body, kind === SHROUDED_KEY ? pass : undefined) });
    }
  }
  return entries;
}

/** The octets of a ContentInfo of data. */
function dataOf(content: Der | undefined): Buffer {
  const [, explicit] = readDer(content?.body ?? Buffer.alloc(0));
  return readDer(explicit?.body ?? Buffer.alloc(0))[0]?.body ?? Buffer.alloc(0);
}

function friendlyName(attributes: Der | undefined): string | undefined {
  for (const attribute of readDer(attributes?.body ?? Buffer.alloc(0))) {
    const [id, values] = readDer(attribute.body);
    const [name] = id?.body.toString("hex") === FRIENDLY_NAME && values ? readDer(values.body) : [];
    // BMPString: UTF-16, big end first.
    if (name) return Buffer.from(name.body).swap16().toString("utf16le");
  }
  return undefined;
}

function pkcs8(key: Buffer, passphrase: string | undefined): KeyObject {
  return createPrivateKey({ key, format: "der", type: "pkcs8", ...(passphrase === undefined ? {} : { passphrase }) });
}

function jksEntries(bytes: Buffer): Entry[] {
  const entries: Entry[] = [];
  const reader = new JavaReader(bytes, 8);
  for (let left = reader.u32(); left > 0; left--) {
    const kind = reader.u32();
    const alias = reader.words();
    reader.skip(8);
    if (kind === PRIVATE_KEY_ENTRY) {
      const shrouded = reader.part();
      entries.push({ alias, open: (pass) => pkcs8(unshrouded(shrouded, pass), undefined) });
      for (let chain = reader.u32(); chain > 0; chain--) reader.certificate();
    } else reader.certificate();
  }
  return entries;
}

/** Sun's key protector: salt, key, sum; the key is XORed with a chain of SHA-1 over password and salt. */
function unshrouded(shrouded: Buffer, pass: string): Buffer {
  const data = inside(shrouded, 0)[1]?.body ?? Buffer.alloc(0);
  const secret = Buffer.from(pass, "utf16le").swap16();
  const sha1 = (...parts: Buffer[]): Buffer => createHash("sha1").update(Buffer.concat(parts)).digest();
  const key = Buffer.from(data.subarray(SHA1, -SHA1));
  let stream = data.subarray(0, SHA1);
  for (let at = 0; at < key.length; at++) {
    if (at % SHA1 === 0) stream = sha1(secret, stream);
    key[at] = (key[at] ?? 0) ^ (stream[at % SHA1] ?? 0);
  }
  if (!sha1(secret, key).equals(data.subarray(-SHA1))) throw new Error("another password");
  return key;
}

class JavaReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  skip(length: number): number {
    if (this.#at + length > this.#bytes.length) throw unreadable("it is cut short");
    this.#at += length;
    return this.#at - length;
  }
  u32(): number {
    return this.#bytes.readUInt32BE(this.skip(4));
  }
  words(): string {
    const length = this.#bytes.readUInt16BE(this.skip(2));
    const at = this.skip(length);
    return this.#bytes.toString("utf8", at, at + length);
  }
  part(): Buffer {
    const length = this.u32();
    const at = this.skip(length);
    return this.#bytes.subarray(at, at + length);
  }
  certificate(): void {
    this.words();
    this.part();
  }
}
