--! breaking: no
--! why: sums of a day, so that a month is not added up from records each time. A day of a registration is always rolled up
--!      as a whole, and no group of it ever goes away, so the rows of a newer version take the place of all older ones.
--!      Which version is exact is kept in the control store. Usage of single days is read from the records still: an index
--!      on the usage hour spares reading those of other days.
create table usage_day (
  registration UInt32,
  local_subscription LowCardinality(String),
  day Date,
  meter LowCardinality(String),
  held Enum8('no' = 0, 'conflict' = 1, 'archived' = 2),
  quantity Decimal(76, 30),
  records Int64,
  version UInt64
)
engine = ReplacingMergeTree(version)
partition by toYYYYMM(day)
order by (registration, local_subscription, day, meter, held)
settings fsync_after_insert = 1, fsync_part_directory = 1, min_compressed_bytes_to_fsync_after_merge = 1;
alter table usage_entry add index if not exists of_usage usage_start type minmax granularity 1;
alter table usage_entry materialize index of_usage;
