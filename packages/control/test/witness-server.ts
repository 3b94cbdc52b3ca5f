/** A witness as somebody else may have written it, honest or not: it has a key, remembers the size that it signed, and answers as a test wants. Whether a log goes on it does not look at. */
import { createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { COSIGNATURE, cosignText, formatSignature, formatVkey, readCheckpoint, verifierKey } from "@phonerack/policy";
import { sha256 } from "@phonerack/policy/node";

export interface Asked {
  readonly old: number;
  readonly size: number;
  /** Of the checkpoint. */
  readonly text: string;
  /** Its own line under this text, by a clock that is off by so many seconds. */
  readonly cosign: (text: string, off?: number) => string;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface WitnessServer {
  readonly url: string;
  readonly vkey: string;
  readonly asked: Asked[];
  /** The size that it has signed. */
  size: number;
  answer: (asked: Asked) => Answer | undefined;
  stop(): Promise<void>;
}

export async function startWitnessServer(name = "witness.example"): Promise<WitnessServer> {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const raw = createPublicKey(publicKey.export({ format: "pem", type: "spki" })).export({ format: "der", type: "spki" });
  const key = verifierKey(sha256, { name, key: raw.subarray(-32), type: COSIGNATURE });
  const cosign = (text: string, off = 0) =>
    formatSignature(
      cosignText(key, { text, time: Math.floor(Date.now() / 1_000) + off }, (message) => sign(null, message, privateKey)),
    );
  const honest = ({ old, size, text }: Asked): Answer => {
    if (old !== witness.size) return { status: 409, body: `${witness.size}\n` };
    witness.size = size;
    return { status: 200, body: cosign(text) };
  };
  const server = createServer((request, response) => {
    void textOf(request).then((body) => {
      const gap = body.indexOf("\n\n");
      const checkpoint = readCheckpoint(body.slice(gap + 2));
      const old = Number(/^old (\d+)\n/.exec(body)?.[1]);
      const asked: Asked = { old, size: checkpoint?.size ?? -1, text: checkpoint?.note.text ?? "", cosign };
      witness.asked.push(asked);
      const answer = witness.answer(asked);
      if (answer) response.writeHead(answer.status).end(answer.body);
      else request.socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const witness: WitnessServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    vkey: formatVkey(key),
    asked: [],
    size: 0,
    answer: honest,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return witness;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}
