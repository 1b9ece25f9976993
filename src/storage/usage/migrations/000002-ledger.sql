--! breaking: yes
--! why: usage becomes a ledger: a version of a record is an entry, and what ends it, a withdrawal or a choice between
--!      versions, is another entry that takes the same quantity off again. Nothing is changed or deleted, so sums are exact
--!      at any moment and as of any batch. A digest of what stays the same from hour to hour (series) takes the place of a
--!      digest of everything: it repeats in each window, as resources do, which makes a record four times smaller on disk.
--!      Events are found by their own digest, whatever window they came in.
create table usage_entry (
  registration UInt32,
  reported_start DateTime('UTC'),
  reported_end DateTime('UTC'),
  local_subscription LowCardinality(String),
  usage_start DateTime('UTC'),
  series FixedString(8),
  event FixedString(16),
  meter LowCardinality(String),
  meter_as_sent LowCardinality(String),
  resource_uri LowCardinality(String),
  location LowCardinality(String),
  tags LowCardinality(String),
  additional_info LowCardinality(String),
  quantity Decimal(76, 30),
  content FixedString(8),
  held Enum8('no' = 0, 'conflict' = 1, 'archived' = 2),
  kind Enum8('delivery' = 0, 'withdrawal' = 1, 'choice' = 2),
  sign Int8,
  decision UInt64,
  ended UInt64,
  batch UInt64,
  delivery UInt64,
  position UInt32,
  accepted_at DateTime64(3, 'UTC'),
  earliest UInt64 materialized 18446744073709551615 - batch,
  index of_delivery delivery type minmax granularity 1,
  index of_sign sign type minmax granularity 1,
  index of_held held type minmax granularity 1
)
engine = ReplacingMergeTree(earliest)
partition by toYYYYMM(usage_start)
primary key (registration, reported_start, local_subscription, usage_start)
order by (registration, reported_start, local_subscription, usage_start, series, event, content, held, kind, sign,
  decision, ended)
settings fsync_after_insert = 1, fsync_part_directory = 1, min_compressed_bytes_to_fsync_after_merge = 1,
  merge_max_block_size = 1024, max_parts_to_merge_at_once = 10, vertical_merge_algorithm_min_rows_to_activate = 1,
  max_compress_block_size = 131072;
create table usage_event (
  registration UInt32,
  event FixedString(16),
  reported_start DateTime('UTC')
)
engine = ReplacingMergeTree
order by (registration, event, reported_start)
settings index_granularity = 512, fsync_after_insert = 1, fsync_part_directory = 1,
  min_compressed_bytes_to_fsync_after_merge = 1;
insert into usage_entry (registration, reported_start, reported_end, local_subscription, usage_start, series, event, meter,
  meter_as_sent, resource_uri, location, tags, additional_info, quantity, content, held, kind, sign, decision, ended, batch,
  delivery, position, accepted_at)
select registration, reported_start, reported_end, local_subscription, usage_start,
  toFixedString(substring(SHA256(concat(local_subscription, '\n', meter, '\n',
    toString((toUnixTimestamp(reported_end) - toUnixTimestamp(reported_start)) * 1000), '\n', lowerUTF8(resource_uri))), 1, 8), 8),
  toFixedString('', 16), meter, meter_as_sent, resource_uri, location, tags, additional_info, quantity, content,
  if(conflict, 'conflict', 'no'), 'delivery', 1, 0, 0, batch, batch, position, accepted_at
from usage_record final
settings max_partitions_per_insert_block = 0;
