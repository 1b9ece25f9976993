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

/** How archives are written: small, text as text and digests as bytes, so that other programs read them too. */
export const PARQUET_SETTINGS =
  "output_format_parquet_compression_method = 'zstd', output_format_parquet_string_as_string = 1, output_format_parquet_fixed_string_as_fixed_byte_array = 1";
