--! breaking: no
--! why: months of usage are archived and dropped. What identifies their events stays, since an event that comes again may
--!      name another hour: it is a duplicate or a conflict then, and not counted anew.
create table usage_archived_event (
  registration UInt32,
  event FixedString(16),
  usage_start DateTime('UTC'),
  reported_start DateTime('UTC'),
  series FixedString(8),
  content FixedString(8),
  held Enum8('no' = 0, 'conflict' = 1, 'archived' = 2),
  kind Enum8('delivery' = 0, 'withdrawal' = 1, 'choice' = 2),
  sign Int8,
  decision UInt64,
  ended UInt64
)
engine = ReplacingMergeTree
order by (registration, event, usage_start, reported_start, series, content, held, kind, sign, decision, ended)
settings index_granularity = 512, fsync_after_insert = 1, fsync_part_directory = 1,
  min_compressed_bytes_to_fsync_after_merge = 1;
