import type { Client } from "./client.ts";
import { query } from "./query.ts";

/** What a document can be exported as. */
export const DOCUMENT_FORMATS = ["pdf", "csv", "json"] as const;
export type DocumentFormat = (typeof DOCUMENT_FORMATS)[number];

const part = encodeURIComponent;

type OnBytes = (chunk: Buffer) => Promise<void>;
export type ExportFormat = "csv" | "parquet";

const partnerPath = (period: string, partner: string): string =>
  `/v1/periods/${part(period)}/partners/${part(partner)}/exports`;

/** The part of the client that exports what was billed and used; files are given on as they come. */
export class ExportCalls {
  readonly #client: Pick<Client, "call">;

  constructor(client: Pick<Client, "call">) {
    this.#client = client;
  }

  /** What a partner's payers were billed in a period, as FOCUS 1.2. */
  async focus(period: string, partner: string, onBytes: OnBytes, format: ExportFormat = "csv"): Promise<void> {
    await this.#get(`${partnerPath(period, partner)}/focus${query({ format })}`, onBytes);
  }

  /** One statement or correction, as FOCUS 1.2. */
  async documentFocus(number: string, onBytes: OnBytes, format: ExportFormat = "csv"): Promise<void> {
    await this.#get(`/v1/documents/${part(number)}/exports/focus${query({ format })}`, onBytes);
  }

  /** What a partner's payers were billed in a period, day by day, in CSV. */
  async dailyRated(period: string, partner: string, onBytes: OnBytes): Promise<void> {
    await this.#get(`${partnerPath(period, partner)}/daily-rated`, onBytes);
  }

  /** Every record of a period, with who pays for it; of all stamps unless one is named. */
  async usage(
    period: string,
    { registration, format = "csv" }: { readonly registration?: string; readonly format?: ExportFormat },
    onBytes: OnBytes,
  ): Promise<void> {
    await this.#get(`/v1/periods/${part(period)}/exports/usage${query({ format, registration })}`, onBytes);
  }

  /**
   * A closed statement or a correction as a file.
   * @param language of a PDF; what the client's language is unless given
   */
  async document(
    number: string,
    { format, language }: { readonly format: DocumentFormat; readonly language?: string },
    onBytes: OnBytes,
  ): Promise<void> {
    await this.#get(`/v1/documents/${part(number)}/exports/${format}${query({ lang: language })}`, onBytes);
  }

  async #get(path: string, onBytes: OnBytes): Promise<void> {
    await this.#client.call({ method: "GET", path, onBytes });
  }
}
