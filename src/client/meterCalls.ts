import type { Client } from "./client.ts";
import type { MeterHistoryInfo, MeterInfo } from "./meterTypes.ts";
import { type List, query } from "./query.ts";

const part = encodeURIComponent;

/** The part of the client that looks at meters, adds them and maps them. */
export class MeterCalls {
  readonly #client: Pick<Client, "call">;

  constructor(client: Pick<Client, "call">) {
    this.#client = client;
  }

  async list(of: { at?: string; asOf?: string } = {}): Promise<readonly MeterInfo[]> {
    return (await this.#client.call<List<MeterInfo>>({ method: "GET", path: `/v1/meters${query(of)}` })).value;
  }

  async put(
    meter: string,
    facts: Readonly<Record<string, string | undefined>>,
  ): Promise<{ readonly meter: string; readonly changed: boolean }> {
    return await this.#client.call({ method: "PUT", path: `/v1/meters/${part(meter)}`, json: facts });
  }

  /** Without a commerce meter the price sheet's own mapping counts again. */
  async map(
    meter: string,
    mapping: Readonly<Record<string, string | undefined>>,
  ): Promise<{ readonly meter: string; readonly commerceMeter: string | null; readonly changed: boolean }> {
    return await this.#client.call({ method: "PUT", path: `/v1/meters/${part(meter)}/mapping`, json: mapping });
  }

  async history(meter: string): Promise<MeterHistoryInfo> {
    return await this.#client.call({ method: "GET", path: `/v1/meters/${part(meter)}/history` });
  }
}
