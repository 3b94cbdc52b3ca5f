/** For programs that use a lab: `import { createClient } from "@phonerack/contract/client"`. Runs in Node 20, browsers and workers. */
export * from "../api/index.js";
export { type Client, type ClientOptions, createClient } from "./client.js";
export { finishedJob } from "./finished-job.js";
export { connectPipe, type OpenPipe, type PipeTarget } from "./pipe.js";
export { type UploadOptions, uploadFile } from "./upload-file.js";
