/** A self-signed X.509 certificate for a key pair, as small as RFC 5280 allows. Node has no way to make one. */
import { sign } from "node:crypto";
import { sequence, writeDer } from "./der.js";
import type { SigningKey } from "./signing-block.js";

/** sha256WithRSAEncryption and ecdsa-with-SHA256, with the parameters that each demands. */
const RSA = sequence(writeDer(0x06, Buffer.from("2a864886f70d01010b", "hex")), writeDer(0x05));
const EC = sequence(writeDer(0x06, Buffer.from("2a8648ce3d040302", "hex")));
const COMMON_NAME = writeDer(0x06, Buffer.from("550403", "hex"));
const SERIAL = writeDer(0x02, Buffer.from([1]));

export function signatureAlgorithm({ publicKey }: SigningKey): Buffer {
  return publicKey.asymmetricKeyType === "ec" ? EC : RSA;
}

export function selfSigned(key: SigningKey, name = "phonerack test"): Buffer {
  const algorithm = signatureAlgorithm(key);
  const subject = nameOf(name);
  const validity = sequence(writeDer(0x17, Buffer.from("200101000000Z")), writeDer(0x17, Buffer.from("491231235959Z")));
  const version = writeDer(0xa0, writeDer(0x02, Buffer.from([2])));
  const publicKey = key.publicKey.export({ format: "der", type: "spki" });
  const body = sequence(version, SERIAL, algorithm, subject, validity, subject, publicKey);
  return sequence(body, algorithm, writeDer(0x03, Buffer.from([0]), sign("sha256", body, key.privateKey)));
}

function nameOf(commonName: string): Buffer {
  return sequence(writeDer(0x31, sequence(COMMON_NAME, writeDer(0x0c, Buffer.from(commonName)))));
}
