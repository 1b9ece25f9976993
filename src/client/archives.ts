import type { Client } from "./client.ts";
import type { List } from "./query.ts";

/** What the entries of one meter in an archive add up to. */
export interface ArchiveSumInfo {
  readonly meter: string;
  readonly held: string;
  readonly sign: 1 | -1;
  readonly entries: number;
  readonly quantity: string;
}

/** A month that was taken out of the usage store. */
export interface ArchiveInfo {
  readonly month: string;
  readonly newestBatch: number;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly entries: number;
  readonly fingerprint: string;
  readonly sums: readonly ArchiveSumInfo[];
  readonly archivedAt: string;
  readonly archivedBy: string;
  readonly droppedAt: string | null;
}

export interface ArchivesInfo extends List<ArchiveInfo> {
  /** Usage of earlier hours is kept and never counted; null while nothing is archived. */
  readonly horizon: string | null;
  readonly running: { readonly month: string; readonly step: string } | null;
  readonly folder: string;
  readonly retentionMonths: number;
  readonly correctableMonths: number;
}

/** A month in the usage store, and what keeps it there. */
export interface PlannedMonthInfo {
  readonly month: string;
  readonly entries: number;
  readonly newestAt: string;
  readonly kept: string | null;
  readonly archived: boolean;
}

/** The part of the client that archives months of usage. */
export class Archives {
  readonly #client: Pick<Client, "call">;

  constructor(client: Pick<Client, "call">) {
    this.#client = client;
  }

  async list(): Promise<ArchivesInfo> {
    return await this.#client.call({ method: "GET", path: "/v1/usage/archives" });
  }

  /** @param month the last one that is meant; without it all that may be archived */
  async archive(month?: string): Promise<readonly ArchiveInfo[]> {
    const path = "/v1/usage/archives";
    return (await this.#client.call<List<ArchiveInfo>>({ method: "POST", path, json: { month } })).value;
  }

  async plan(month?: string): Promise<readonly PlannedMonthInfo[]> {
    const call = { method: "POST", path: "/v1/usage/archives", json: { month, dryRun: true } } as const;
    return (await this.#client.call<List<PlannedMonthInfo>>(call)).value;
  }

  async verify(month: string): Promise<ArchiveInfo> {
    return await this.#client.call({
      method: "GET",
      path: `/v1/usage/archives/${encodeURIComponent(month)}/verification`,
    });
  }
}
