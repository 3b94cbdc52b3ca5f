/** The API's artifacts and recordings, for the CLI. */
import { type Artifact, type ArtifactKind, contract, type Recording, type Retention } from "@phonerack/contract/api";
import type { ApiClient } from "./api-client.js";

export interface ArtifactFilter {
  readonly device?: string;
  readonly lease?: string;
  readonly kind?: ArtifactKind;
  readonly limit?: number;
}

export class ArtifactApi {
  readonly api: ApiClient;

  constructor(api: ApiClient) {
    this.api = api;
  }

  list({ limit, ...filter }: ArtifactFilter): Promise<{ items: Artifact[]; bytes: number }> {
    const words = new URLSearchParams({ ...filter, ...(limit !== undefined && { limit: String(limit) }) });
    return this.api.ask(contract.artifacts.list, `/artifacts?${words.toString()}`);
  }

  get(id: string): Promise<Artifact> {
    return this.api.ask(contract.artifacts.get, `/artifacts/${id}`);
  }

  /** To this path, whole or not at all. */
  fetch({ id, size }: Artifact, path: string): Promise<void> {
    return this.api.receiveFile(`/artifacts/${id}/content`, { path, size });
  }

  remove(id: string): Promise<{ id: string }> {
    return this.api.ask(contract.artifacts.remove, `/artifacts/${id}`, { method: "DELETE" });
  }

  recording(device: string): Promise<Recording> {
    return this.api.ask(contract.devices.recording, `/devices/${device}/recording`);
  }

  record(device: string, wish: { record?: true; sound?: boolean; keepSeconds?: number }): Promise<Recording> {
    return this.api.ask(contract.devices.record, `/devices/${device}/recording`, { method: "PUT", body: wish });
  }

  stopRecording(device: string): Promise<Artifact> {
    return this.api.ask(contract.devices.stopRecording, `/devices/${device}/recording`, { method: "DELETE" });
  }

  saveLast(device: string, seconds: number): Promise<Artifact> {
    return this.api.ask(contract.devices.saveLast, `/devices/${device}/recording/last`, { method: "POST", body: { seconds } });
  }

  retention(tenant: string): Promise<Retention & { usedBytes: number }> {
    return this.api.ask(contract.artifacts.retention, `/tenants/${encodeURIComponent(tenant)}/retention`);
  }

  retain(tenant: string, retention: Retention): Promise<Retention & { usedBytes: number }> {
    const path = `/tenants/${encodeURIComponent(tenant)}/retention`;
    return this.api.ask(contract.artifacts.retain, path, { method: "PUT", body: retention });
  }
}
