/** The API's jobs, for the CLI. */
import { contract, type Job, type JobOutcome, type JobRequest, type JobTask } from "@phonerack/contract/api";
import type { ApiClient } from "./api-client.js";

export interface JobFilter {
  readonly single?: boolean;
  readonly device?: string;
  readonly open?: boolean;
}

export class JobApi {
  readonly api: ApiClient;

  constructor(api: ApiClient) {
    this.api = api;
  }

  create(request: Partial<JobRequest>): Promise<Job> {
    return this.api.ask(contract.jobs.create, "/jobs", { method: "POST", body: request });
  }

  async list({ single, device, open }: JobFilter): Promise<Job[]> {
    const words = new URLSearchParams({
      ...(single && { single: "true" }),
      ...(device !== undefined && { device }),
      ...(open && { open: "true" }),
    });
    const { items }: { items: Job[] } = await this.api.ask(contract.jobs.list, `/jobs?${words.toString()}`);
    return items;
  }

  get(id: string): Promise<Job> {
    return this.api.ask(contract.jobs.get, `/jobs/${id}`);
  }

  async tasks(id: string): Promise<JobTask[]> {
    const { items }: { items: JobTask[] } = await this.api.ask(contract.jobs.tasks, `/jobs/${id}/tasks`);
    return items;
  }

  async outcomes(id: string): Promise<JobOutcome[]> {
    const { items }: { items: JobOutcome[] } = await this.api.ask(contract.jobs.outcomes, `/jobs/${id}/outcomes`);
    return items;
  }

  cancel(id: string): Promise<Job> {
    return this.api.ask(contract.jobs.cancel, `/jobs/${id}/cancel`, { method: "POST", body: {} });
  }

  /** Without devices: all where it failed or did not begin. */
  retry(id: string, devices?: readonly string[]): Promise<Job> {
    return this.api.ask(contract.jobs.retry, `/jobs/${id}/retry`, { method: "POST", body: devices ? { devices } : {} });
  }
}
