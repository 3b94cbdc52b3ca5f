/** The beginning and end of a digest: enough to tell two apart at a glance; the whole of it stands beside or behind. */
export function shortDigest(digest: string): string {
  return digest.length <= 12 ? digest : `${digest.slice(0, 6)}…${digest.slice(-4)}`;
}
