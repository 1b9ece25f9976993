import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Session } from "chdb";
import { temporaryFolder } from "./temporary.ts";

export type ParquetRow = Readonly<Record<string, string | null>>;

export interface ParquetFile {
  /** Numbers as text. */
  readonly rows: readonly ParquetRow[];
  /** Types by column, in their order. */
  readonly types: Readonly<Record<string, string>>;
}

/** Reads Parquet with an engine that is no part of the product under test. */
export class ParquetReader {
  readonly #session = new Session(temporaryFolder());

  /** @param condition which rows are wanted, over the columns */
  async read(bytes: Buffer, condition = "true"): Promise<ParquetFile> {
    const folder = join(temporaryFolder(), "parquet");
    mkdirSync(folder);
    const file = join(folder, "file.parquet");
    writeFileSync(file, bytes);
    const described = await this.#ask(`describe file('${file}', 'Parquet')`);
    return {
      rows: await this.#ask(`select * from file('${file}', 'Parquet') where ${condition}`),
      types: Object.fromEntries(described.map(({ name, type }) => [name!, type!])),
    };
  }

  async #ask(sql: string): Promise<readonly ParquetRow[]> {
    // In the order of the file: several threads would tell groups of rows as they come.
    const settings =
      "settings output_format_json_quote_decimals = 1, output_format_json_quote_64bit_integers = 1, max_threads = 1, input_format_parquet_preserve_order = 1";
    const text = (await this.#session.queryAsync(`${sql} ${settings}`, { format: "JSONEachRow" })).text();
    return text
      .trim()
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as ParquetRow);
  }

  close(): void {
    this.#session.close();
  }
}

/** Everything that an export gives. */
export async function bytesOf(get: (onBytes: (chunk: Buffer) => Promise<void>) => Promise<void>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await get(async (chunk) => void chunks.push(chunk));
  return Buffer.concat(chunks);
}
