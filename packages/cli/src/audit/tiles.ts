/** A log's tiles of hashes as they follow from its leaves: what it serves beside its entries, and proofs are made of, must be the same (c2sp.org/tlog-tiles). */
import { concat, nodeHash, TILE_WIDTH, type TileName } from "@phonerack/policy";
import { sha256 } from "@phonerack/policy/node";

/** Hears of each tile once, with the bytes that it must have: full ones as soon as they are, the others at the end. */
export type HearTile = (tile: TileName & { readonly level: number }, bytes: Uint8Array) => Promise<void>;

export class Tiles {
  readonly #hear: HearTile;
  /** By level: hashes of the tile that is not full yet, and how many full ones there are. */
  readonly #levels: { hashes: Uint8Array[]; full: number }[] = [];

  constructor(hear: HearTile) {
    this.#hear = hear;
  }

  async append(leaf: Uint8Array): Promise<void> {
    let hash = leaf;
    for (let level = 0; ; level++) {
      const own = (this.#levels[level] ??= { hashes: [], full: 0 });
      own.hashes.push(hash);
      if (own.hashes.length < TILE_WIDTH) return;
      const { hashes } = own;
      own.hashes = [];
      await this.#hear({ level, index: own.full++, width: TILE_WIDTH }, concat(...hashes));
      hash = rootOf(hashes);
    }
  }

  /** No leaf follows. */
  async end(): Promise<void> {
    for (const [level, { hashes, full }] of this.#levels.entries())
      if (hashes.length > 0) await this.#hear({ level, index: full, width: hashes.length }, concat(...hashes));
  }
}

/** Of a whole tile. */
function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
  let nodes = hashes;
  while (nodes.length > 1)
    nodes = Array.from({ length: nodes.length / 2 }, (_, at) =>
      nodeHash(sha256, nodes[2 * at] ?? new Uint8Array(), nodes[2 * at + 1] ?? new Uint8Array()),
    );
  return nodes[0] ?? new Uint8Array();
}
