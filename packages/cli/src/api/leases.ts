/** The API's leases, for the CLI. */
import { contract, type Lease, type LeaseRequest } from "@phonerack/contract/api";
import type { ApiClient } from "./api-client.js";

export interface LeaseFilter {
  readonly mine?: boolean;
  readonly phase?: string;
}

export class LeaseApi {
  readonly #api: ApiClient;

  constructor(api: ApiClient) {
    this.#api = api;
  }

  create(request: Partial<LeaseRequest>): Promise<Lease> {
    return this.#api.ask(contract.leases.create, "/leases", { method: "POST", body: request });
  }

  async list({ mine, phase }: LeaseFilter): Promise<Lease[]> {
    const words = new URLSearchParams({ limit: "1000", ...(mine ? { mine: "true" } : {}), ...(phase ? { phase } : {}) });
    const { items }: { items: Lease[] } = await this.#api.ask(contract.leases.list, `/leases?${words.toString()}`);
    return items;
  }

  get(id: string): Promise<Lease> {
    return this.#api.ask(contract.leases.get, `/leases/${encodeURIComponent(id)}`);
  }

  extend(id: string, until: number): Promise<Lease> {
    return this.#act(contract.leases.extend, `${id}/extend`, { until });
  }

  handOver(id: string, to: string): Promise<Lease> {
    return this.#act(contract.leases.handOver, `${id}/handover`, { to });
  }

  confirm(id: string): Promise<Lease> {
    return this.#act(contract.leases.confirm, `${id}/confirm`, {});
  }

  /** Without devices: all of it. */
  release(id: string, devices?: readonly string[]): Promise<Lease> {
    return this.#act(contract.leases.release, `${id}/release`, devices?.length ? { devices } : {});
  }

  kick(id: string, reason: string): Promise<Lease> {
    return this.#act(contract.leases.kick, `${id}/kick`, { reason });
  }

  #act(procedure: Parameters<ApiClient["ask"]>[0], path: string, body: object): Promise<Lease> {
    return this.#api.ask(procedure, `/leases/${path}`, { method: "POST", body });
  }
}
