import type { FileFormat } from "../../domain/usage/files.ts";

/** The columns of the ledger as they are in an archive: all but the one that the table works out for itself. */
export const LEDGER_STRUCTURE = [
  "registration UInt32, reported_start DateTime('UTC'), reported_end DateTime('UTC')",
  "local_subscription LowCardinality(String), usage_start DateTime('UTC'), series FixedString(8), event FixedString(16)",
  "meter LowCardinality(String), meter_as_sent LowCardinality(String), resource_uri LowCardinality(String)",
  "location LowCardinality(String), tags LowCardinality(String), additional_info LowCardinality(String)",
  "quantity Decimal(76, 30), content FixedString(8), held Enum8('no' = 0, 'conflict' = 1, 'archived' = 2)",
  "kind Enum8('delivery' = 0, 'withdrawal' = 1, 'choice' = 2), sign Int8, decision UInt64, ended UInt64, batch UInt64",
  "delivery UInt64, position UInt32, accepted_at DateTime64(3, 'UTC')",
].join(", ");

/** How the engine names the formats of files. */
export const FORMAT_NAMES: Readonly<Record<FileFormat, string>> = { csv: "CSVWithNames", parquet: "Parquet" };

/** How CSV is written: as RFC 4180 has it, what is null as an empty cell, times as ISO-8601. */
const CSV_SETTINGS =
  "output_format_csv_crlf_end_of_line = 1, format_csv_null_representation = '', date_time_output_format = 'iso'";

/** How archives are written: small, text as text and digests as bytes, so that other programs read them too. */
const PARQUET_SETTINGS =
  "output_format_parquet_compression_method = 'zstd', output_format_parquet_string_as_string = 1, output_format_parquet_fixed_string_as_fixed_byte_array = 1";

export const FILE_SETTINGS: Readonly<Record<FileFormat, string>> = { csv: CSV_SETTINGS, parquet: PARQUET_SETTINGS };
