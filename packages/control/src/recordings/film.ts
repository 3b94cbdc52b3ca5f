/** Writes what was kept in memory as a film. */
import { Mp4File } from "./mp4-file.js";
import type { KeptFilm } from "./ring.js";
import { Timeline } from "./timeline.js";

/**
 * What of it was to be seen from `from` to `until`; earlier frames are only there to be decoded. Gives its length in milliseconds; fails with `storage_full` or
 * `nothing_recorded`.
 */
export async function writeFilm(
  path: string,
  { config, frames }: KeptFilm,
  { from, until }: { from: number; until: number },
): Promise<number> {
  const [first] = frames;
  if (!first) return 0;
  const begin = Math.max(from, first.at);
  const film = await Mp4File.create(path, { config, key: first.data, sound: undefined });
  const times = new Timeline(begin);
  for (const frame of frames) film.video(frame.data, frame.key, frame.at < begin ? times.squeeze() : times.place(frame));
  await film.close(until - begin);
  return film.ms;
}
