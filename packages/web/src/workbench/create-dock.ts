/** The dock with the API behind it. */
import { client } from "../api/client.js";
import { sendFile } from "../uploads/send-file.js";
import { uploadDoor } from "../uploads/upload-door.js";
import { Dock } from "./dock.js";

export function createDock(): Dock {
  return new Dock({
    sendFile: (file, options) => sendFile(file, options, uploadDoor),
    build: (files, note) => client.builds.create({ files: files.map(({ name, sha256 }) => ({ name, sha256 })), note }),
    start: (request) => client.jobs.create(request),
    job: (id) => client.jobs.get({ id }),
    wait: (ms) => new Promise((done) => setTimeout(done, ms)),
  });
}
