/** Receipts (c2sp.org/tlog-proof): that an entry stands in the log at a place, to be kept and verified without the log. */
import { type Digest, fromBase64, sameBytes, toBase64, utf8 } from "./bytes.js";
import { parseSize, readCheckpoint, type SignedCheckpoint } from "./checkpoint.js";
import { formatNote } from "./note.js";
import { HASH_BYTES, leafHash, rootFromInclusion } from "./tree.js";

const TITLE = "c2sp.org/tlog-proof@v1";
const LONGEST_PATH = 63;

export interface Receipt {
  readonly index: number;
  readonly proof: readonly Uint8Array[];
  readonly checkpoint: SignedCheckpoint;
  /** What the entry is; nobody signed it apart from the proof. */
  readonly extra: Uint8Array | undefined;
}

export function formatReceipt({ index, proof, checkpoint, extra }: Receipt): string {
  const head = [TITLE, ...(extra ? [`extra ${toBase64(extra)}`] : []), `index ${index}`, ...proof.map(toBase64)];
  return `${head.join("\n")}\n\n${formatNote(checkpoint.note)}`;
}

/** undefined: this is no receipt. */
export function parseReceipt(text: string): Receipt | undefined {
  const gap = text.indexOf("\n\n");
  const [title, ...lines] = text.slice(0, Math.max(0, gap)).split("\n");
  const checkpoint = readCheckpoint(text.slice(gap + 2));
  if (title !== TITLE || !checkpoint) return undefined;
  const extra = lines[0]?.startsWith("extra ") ? fromBase64(lines.shift()?.slice(6) ?? "") : null;
  const index = parseSize(/^index (\d+)$/.exec(lines.shift() ?? "")?.[1] ?? "");
  const proof = lines.map(fromBase64);
  if (extra === undefined || index === undefined || proof.length > LONGEST_PATH) return undefined;
  if (!proof.every((hash): hash is Uint8Array => hash?.length === HASH_BYTES)) return undefined;
  return { index, proof, checkpoint, extra: extra ?? undefined };
}

/** Whether the tree of the receipt's checkpoint has this entry at its place. Who signed the checkpoint is asked besides. */
export function provesEntry(digest: Digest, receipt: Receipt, entry: Uint8Array | string): boolean {
  const { index, proof, checkpoint } = receipt;
  const leaf = leafHash(digest, typeof entry === "string" ? utf8(entry) : entry);
  const root = rootFromInclusion(digest, { leaf, index, size: checkpoint.size, proof });
  return root !== undefined && sameBytes(root, checkpoint.root);
}
