/**
 * Objects in an S3-compatible store, for labs with several controls or without a large disk. An object is there whole or not at all, as S3 does it; parts of an upload
 * that was cut off are removed by the store's own lifecycle rule. Loaded only where it is asked for.
 */
import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import type { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { PhonerackError } from "@phonerack/contract/bus";
import type { ObjectStore, SmallObject } from "./object-store.js";

/** Large enough for 80 GB in the 10,000 parts that S3 takes. */
const PART_BYTES = 8 * 1024 * 1024;
/** Parts under way at once. */
const PARTS_AT_ONCE = 2;
const CONNECT_MS = 5_000;
/** A store that says nothing for so long has gone. */
const SILENT_MS = 30_000;
const ATTEMPTS = 3;

export interface S3Place {
  readonly bucket: string;
  /** Before each key, without a slash at its end; "": none. */
  readonly prefix: string;
  /** Undefined: Amazon's own. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`: most stores that are not Amazon's need it. */
  readonly pathStyle: boolean;
}

export class S3Store implements ObjectStore {
  readonly #client: S3Client;
  readonly #place: S3Place;

  private constructor(place: S3Place) {
    this.#place = place;
    this.#client = new S3Client({
      region: place.region,
      forcePathStyle: place.pathStyle,
      ...(place.endpoint === undefined ? {} : { endpoint: place.endpoint }),
      // Others than Amazon mostly refuse the checksums that the client would add by itself.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      maxAttempts: ATTEMPTS,
      requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: SILENT_MS },
    });
  }

  /** Asks whether it is there and lets us in; fails with `storage_unreachable`. */
  static async open(place: S3Place): Promise<S3Store> {
    const store = new S3Store(place);
    try {
      await store.#client.send(new HeadBucketCommand({ Bucket: place.bucket }));
      return store;
    } catch (error) {
      store.stop();
      throw store.#refusal(error);
    }
  }

  stop(): void {
    this.#client.destroy();
  }

  async put(key: string, path: string): Promise<void> {
    const body = createReadStream(path, { highWaterMark: 1024 * 1024 });
    const params = { ...this.#object(key), Body: body };
    try {
      await new Upload({ client: this.#client, params, partSize: PART_BYTES, queueSize: PARTS_AT_ONCE }).done();
    } catch (error) {
      body.destroy();
      throw this.#refusal(error);
    }
    await rm(path, { force: true });
  }

  async putAll(objects: readonly SmallObject[]): Promise<void> {
    try {
      await Promise.all(
        objects.map(({ key, bytes }) => this.#client.send(new PutObjectCommand({ ...this.#object(key), Body: bytes }))),
      );
    } catch (error) {
      throw this.#refusal(error);
    }
  }

  async get(key: string, range?: { readonly start: number; readonly end: number }): Promise<Readable> {
    const Range = range && `bytes=${range.start}-${range.end - 1}`;
    try {
      const { Body } = await this.#client.send(new GetObjectCommand({ ...this.#object(key), ...(Range ? { Range } : {}) }));
      return Body as Readable;
    } catch (error) {
      if (isMissing(error)) throw new PhonerackError("not_found", key, { cause: error });
      throw this.#refusal(error);
    }
  }

  async size(key: string): Promise<number | undefined> {
    try {
      return (await this.#client.send(new HeadObjectCommand(this.#object(key)))).ContentLength;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw this.#refusal(error);
    }
  }

  async remove(key: string): Promise<void> {
    try {
      await this.#client.send(new DeleteObjectCommand(this.#object(key)));
    } catch (error) {
      if (!isMissing(error)) throw this.#refusal(error);
    }
  }

  #object(key: string): { Bucket: string; Key: string } {
    const { bucket, prefix } = this.#place;
    return { Bucket: bucket, Key: prefix === "" ? key : `${prefix}/${key}` };
  }

  #refusal(error: unknown): PhonerackError {
    const { bucket, endpoint } = this.#place;
    const where = `s3://${bucket}${endpoint === undefined ? "" : ` at ${endpoint}`}`;
    if (!(error instanceof Error)) return new PhonerackError("storage_unreachable", where, { cause: error });
    const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
    if (status === 507 || /StorageFull|QuotaExceeded/.test(error.name))
      return new PhonerackError("storage_full", `${where} has no room`, { cause: error });
    const why = status === undefined ? error.message || error.name : `${error.name} (${status})`;
    return new PhonerackError("storage_unreachable", `${where}: ${why}`, { cause: error });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof S3ServiceException && (error.name === "NoSuchKey" || error.name === "NotFound");
}
