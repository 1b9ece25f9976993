import { Archives } from "./archives.ts";
import type { Client } from "./client.ts";
import type { BatchInfo, ConflictInfo } from "./ledgerTypes.ts";
import { type List, query } from "./query.ts";

/** The part of the client that looks at deliveries of usage and decides on them. */
export class Ledger {
  readonly #client: Pick<Client, "call">;
  readonly archives: Archives;

  constructor(client: Pick<Client, "call">) {
    this.#client = client;
    this.archives = new Archives(client);
  }

  /** Newest first. */
  async batches(of: { registration?: string; before?: number; limit?: number } = {}): Promise<readonly BatchInfo[]> {
    const path = `/v1/usage/batches${query(of)}`;
    return (await this.#client.call<List<BatchInfo>>({ method: "GET", path })).value;
  }

  async batch(batch: number): Promise<BatchInfo> {
    return await this.#client.call({ method: "GET", path: `/v1/usage/batches/${batch}` });
  }

  async withdraw(batch: number, reason: string): Promise<BatchInfo> {
    return await this.#client.call({ method: "POST", path: `/v1/usage/batches/${batch}/withdrawal`, json: { reason } });
  }

  async conflicts(
    of: { registration?: string; after?: string; limit?: number } = {},
  ): Promise<readonly ConflictInfo[]> {
    const path = `/v1/usage/conflicts${query(of)}`;
    return (await this.#client.call<List<ConflictInfo>>({ method: "GET", path })).value;
  }

  /** The answer has no batch where that version counts already and nothing waits. */
  async choose(record: string, content: string, reason: string): Promise<Partial<BatchInfo>> {
    const path = `/v1/usage/conflicts/${encodeURIComponent(record)}/choice`;
    return await this.#client.call({ method: "POST", path, json: { content, reason } });
  }
}
