import type { Client } from "./client.ts";
import { query } from "./query.ts";
import type { UsageConservationInfo, UsageTotalsInfo, UsageTotalsQuery } from "./totalTypes.ts";

/** The part of the client that adds usage up. */
export class Totals {
  readonly #client: Pick<Client, "call">;

  constructor(client: Pick<Client, "call">) {
    this.#client = client;
  }

  /** One page; the next one begins after its `next`, as of its `asOf`. */
  async page(of: UsageTotalsQuery): Promise<UsageTotalsInfo> {
    return await this.#client.call({ method: "GET", path: `/v1/usage/totals${query({ ...of })}` });
  }

  async conservation(
    period: string,
    of: { registration?: string; asOf?: string } = {},
  ): Promise<UsageConservationInfo> {
    return await this.#client.call({ method: "GET", path: `/v1/usage/conservation${query({ period, ...of })}` });
  }

  async rollUp(): Promise<{ readonly days: number }> {
    return await this.#client.call({ method: "POST", path: "/v1/usage/roll-ups" });
  }
}
