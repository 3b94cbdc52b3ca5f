/** A self-signed X.509 certificate for a key pair, as small as RFC 5280 allows. Node has no way to make one. */
import { sign } from "node:crypto";
import type { SigningKey } from "./signing-block.js";

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length =
    body.length < 0x80
      ? Buffer.from([body.length])
      : body.length < 0x100
        ? Buffer.from([0x81, body.length])
        : Buffer.from([0x82, body.length >> 8, body.length & 0xff]);
  return Buffer.concat([Buffer.from([tag]), length, body]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
/** sha256WithRSAEncryption and ecdsa-with-SHA256, with the parameters that each demands. */
const RSA = sequence(der(0x06, Buffer.from("2a864886f70d01010b", "hex")), der(0x05));
const EC = sequence(der(0x06, Buffer.from("2a8648ce3d040302", "hex")));
const COMMON_NAME = der(0x06, Buffer.from("550403", "hex"));

export function selfSigned(key: SigningKey, name = "phonerack test"): Buffer {
  const algorithm = key.publicKey.asymmetricKeyType === "ec" ? EC : RSA;
  const subject = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(name)))));
  const validity = sequence(der(0x17, Buffer.from("200101000000Z")), der(0x17, Buffer.from("491231235959Z")));
  const version = der(0xa0, der(0x02, Buffer.from([2])));
  const serial = der(0x02, Buffer.from([1]));
  const publicKey = key.publicKey.export({ format: "der", type: "spki" });
  const body = sequence(version, serial, algorithm, subject, validity, subject, publicKey);
  return sequence(body, algorithm, der(0x03, Buffer.from([0]), sign("sha256", body, key.privateKey)));
}
