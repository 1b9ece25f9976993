import type { Client } from "./client.ts";
import { query } from "./query.ts";
import type { UsageChangesInfo, UsageListInfo, UsageListQuery } from "./usageTypes.ts";

/** The part of the client that reads stored usage. */
export class UsageCalls {
  readonly #client: Pick<Client, "call">;

  constructor(client: Pick<Client, "call">) {
    this.#client = client;
  }

  /** One page; the next one is asked for with its `next` as `after`. */
  async page(of: UsageListQuery): Promise<UsageListInfo> {
    return await this.#client.call({ method: "GET", path: `/v1/usage${query({ ...of })}` });
  }

  /** What changed after a cursor; the answer's `cursor` is for the next call. */
  async changes(
    of: { readonly registration?: string; readonly cursor?: string; readonly limit?: number } = {},
  ): Promise<UsageChangesInfo> {
    return await this.#client.call({ method: "GET", path: `/v1/usage/changes${query(of)}` });
  }
}
