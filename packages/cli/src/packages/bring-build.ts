/** Brings APK files into the lab and makes a build of them: what is there already is not sent again, and what was cut off is gone on with. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Build, contract, type Upload } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { ApiClient } from "../api/api-client.js";

const RETRY_MS = [500, 2_000, 5_000, 10_000, 20_000] as const;

/** 0 to 1 of the file under way, in words for people. */
export type Progress = (name: string, part: number) => void;

/** Fails with `usage` (no such file), or what control refuses the files for. */
export async function bringBuild(
  api: ApiClient,
  paths: readonly string[],
  { note, progress }: { note: string; progress: Progress },
): Promise<Build> {
  const files: { name: string; sha256: string }[] = [];
  for (const path of paths) files.push({ name: basename(path), sha256: await bringFile(api, path, progress) });
  return api.ask<Build>(contract.builds.create, "/builds", { method: "POST", body: { files, note } });
}

/** @returns what it is called in the lab. */
export async function bringFile(api: ApiClient, path: string, progress: Progress): Promise<string> {
  const name = basename(path);
  const { size, sha256 } = await digestOf(path);
  const body = { name, size, sha256 };
  let upload = await api.ask<Upload>(contract.uploads.create, "/uploads", { method: "POST", body });
  for (let failures = 0; upload.sha256 === null; ) {
    try {
      const { id, offset } = upload;
      const onProgress = (bytes: number) => progress(name, size === 0 ? 1 : bytes / size);
      const file = { path, type: "application/octet-stream", method: "PUT", start: offset, onProgress } as const;
      upload = await api.sendFile<Upload>(contract.uploads.send, `/uploads/${id}?offset=${offset}`, file);
      failures = 0;
    } catch (error) {
      const wait = RETRY_MS[failures++];
      if (!mayPass(error) || wait === undefined) throw error;
      await sleep(wait);
      upload = await api.ask<Upload>(contract.uploads.get, `/uploads/${upload.id}`);
    }
  }
  progress(name, 1);
  return upload.sha256;
}

/** The line was cut, or control had not noticed yet that it was. */
function mayPass(error: unknown): boolean {
  return error instanceof PhonerackError && (error.code === "control_unreachable" || error.code === "upload_offset");
}

async function digestOf(path: string): Promise<{ size: number; sha256: string }> {
  const hash = createHash("sha256");
  try {
    const { size } = await stat(path);
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
    return { size, sha256: hash.digest("hex") };
  } catch (cause) {
    throw new PhonerackError("usage", `${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
