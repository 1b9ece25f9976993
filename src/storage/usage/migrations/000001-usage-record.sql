--! breaking: no
--! why: one row for each version of a record. The sort key ends in the record's identity and content, and the partition
--!      follows from the usage hour, so rows that repeat after a crash fall together and count once. Insert
--!      deduplication by token is not used: after a crash it can lose acknowledged rows. Merges take small blocks and
--!      few parts at once and write through small buffers, so that they need no more memory when there is more to merge.
create table usage_record (
  registration UInt32,
  reported_start DateTime('UTC'),
  reported_end DateTime('UTC'),
  local_subscription LowCardinality(String),
  usage_start DateTime('UTC'),
  meter LowCardinality(String),
  meter_as_sent LowCardinality(String),
  resource_uri String,
  location LowCardinality(String),
  tags String,
  additional_info String,
  quantity Decimal(76, 30),
  key FixedString(16),
  content FixedString(8),
  conflict Bool,
  batch UInt64,
  position UInt32,
  accepted_at DateTime64(3, 'UTC'),
  earliest UInt64 materialized 18446744073709551615 - batch
)
engine = ReplacingMergeTree(earliest)
partition by toYYYYMM(usage_start)
order by (registration, reported_start, local_subscription, usage_start, key, content)
settings fsync_after_insert = 1, fsync_part_directory = 1, min_compressed_bytes_to_fsync_after_merge = 1,
  merge_max_block_size = 1024, max_parts_to_merge_at_once = 10, vertical_merge_algorithm_min_rows_to_activate = 1,
  max_compress_block_size = 131072;
