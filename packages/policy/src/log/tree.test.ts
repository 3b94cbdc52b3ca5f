import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { toHex, utf8 } from "./bytes.js";
import { emptyRoot, Frontier, leafHash, nodeHash, Proofs, rootFromInclusion, verifyConsistency } from "./tree.js";

const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();

/** RFC 6962, section 2.1, word by word. */
function mth(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length === 0) return digest(new Uint8Array());
  const [only] = entries;
  if (only && entries.length === 1) return leafHash(digest, only);
  let k = 1;
  while (k * 2 < entries.length) k *= 2;
  return nodeHash(digest, mth(entries.slice(0, k)), mth(entries.slice(k)));
}

const entriesOf = (size: number) => Array.from({ length: size }, (_, at) => utf8(`entry ${at}`));

class Kept {
  readonly nodes = new Map<string, Uint8Array>();
  readonly frontier = new Frontier(digest);
  readonly roots: Uint8Array[] = [this.frontier.root()];
  readonly proofs = new Proofs(digest, (level, index) => this.nodes.get(`${level}/${index}`) ?? expect.unreachable());

  constructor(entries: readonly Uint8Array[]) {
    for (const entry of entries) {
      this.frontier.append(leafHash(digest, entry), (level, index, hash) => this.nodes.set(`${level}/${index}`, hash));
      this.roots.push(this.frontier.root());
    }
  }
}

const SIZE = 130;
const entries = entriesOf(SIZE);
const kept = new Kept(entries);

/** The inputs and roots that certificate-transparency's own tests have had since 2013. */
const GOLDEN = {
  leaves: ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"],
  roots: [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ],
} as const;

test("gives the roots that certificate transparency has always given", () => {
  const frontier = new Frontier(digest);
  expect(toHex(frontier.root())).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const roots = GOLDEN.leaves.map((hex) => {
    frontier.append(leafHash(digest, Buffer.from(hex, "hex")));
    return toHex(frontier.root());
  });
  expect(roots).toEqual(GOLDEN.roots);
});

test("has at each size the root that the definition has", () => {
  for (let size = 0; size <= SIZE; size++) expect(kept.roots[size], `size ${size}`).toEqual(mth(entries.slice(0, size)));
});

test("is taken up at any size from its nodes", async () => {
  for (const size of [0, 1, 2, 3, 64, 100, 127, 128, SIZE]) {
    const node = (level: number, index: number) => kept.nodes.get(`${level}/${index}`) ?? expect.unreachable();
    const frontier = await Frontier.of(digest, size, node);
    expect(frontier.root()).toEqual(kept.roots[size]);
    for (const entry of entries.slice(size)) frontier.append(leafHash(digest, entry));
    expect(frontier.root()).toEqual(kept.roots[SIZE]);
  }
});

test("proves each entry at each size, and nothing else", async () => {
  for (let size = 1; size <= 40; size++)
    for (let index = 0; index < size; index++) {
      const proof = await kept.proofs.inclusion(index, size);
      const leaf = leafHash(digest, entries[index] ?? expect.unreachable());
      expect(rootFromInclusion(digest, { leaf, index, size, proof })).toEqual(kept.roots[size]);
      const moved = rootFromInclusion(digest, { leaf, index: (index + 1) % size, size, proof });
      if (size > 1) expect(moved).not.toEqual(kept.roots[size]);
      expect(rootFromInclusion(digest, { leaf, index, size, proof: [...proof, leaf] })).toBeUndefined();
    }
});

test("proves that each size goes on from each before it, and nothing else", async () => {
  for (let size = 0; size <= 40; size++)
    for (let old = 0; old <= size; old++) {
      const proof = await kept.proofs.consistency(old, size);
      const [from, to] = [
        { size: old, root: kept.roots[old] ?? expect.unreachable() },
        { size, root: kept.roots[size] ?? expect.unreachable() },
      ];
      expect(verifyConsistency(digest, { from, to, proof }), `${old} to ${size}`).toBe(true);
      const other = digest(utf8("another history"));
      expect(verifyConsistency(digest, { from: { size: old, root: other }, to: to, proof })).toBe(false);
      expect(verifyConsistency(digest, { from, to: { size, root: other }, proof })).toBe(!!(old === 0 && size > 0));
      expect(verifyConsistency(digest, { from, to, proof: [...proof, other] })).toBe(false);
      if (proof.length > 0) expect(verifyConsistency(digest, { from, to, proof: proof.slice(1) })).toBe(false);
    }
});

test("believes no proof with a bit changed", async () => {
  const change = fc.record({ old: fc.integer({ min: 1, max: SIZE - 1 }), byte: fc.nat(31), bit: fc.nat(7), at: fc.nat(20) });
  await fc.assert(
    fc.asyncProperty(change, async ({ old, byte, bit, at }) => {
      const proof = (await kept.proofs.consistency(old, SIZE)).map((hash) => Uint8Array.from(hash));
      const hash = proof[at % proof.length] ?? expect.unreachable();
      hash[byte] = (hash[byte] ?? 0) ^ (1 << bit);
      const [from, to] = [kept.roots[old], kept.roots[SIZE]];
      if (!from || !to) return expect.unreachable();
      expect(verifyConsistency(digest, { from: { size: old, root: from }, to: { size: SIZE, root: to }, proof })).toBe(false);
    }),
    { seed: 6962 },
  );
});

test("has a root without leaves", () => {
  expect(new Frontier(digest).root()).toEqual(emptyRoot(digest));
});
