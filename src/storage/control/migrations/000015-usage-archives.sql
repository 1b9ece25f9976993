--! breaking: yes
--! why: months of usage are archived and then dropped from the usage store. An older program would not know that usage
--!      from before the horizon counts no more, and would count it anew.
create table usage_horizon (
  single integer primary key check (single = 1),
  first_hour integer not null,        -- UTC hours since 1970; usage before it is kept and never counted
  raised_by text not null,
  raised_at_ms integer not null
) strict;

create table usage_archive (
  month text primary key,             -- 2023-01
  file text not null,                 -- name in the archive folder
  bytes integer not null,
  sha256 text not null,
  entries integer not null,
  fingerprint text not null,          -- over every column of every entry, in any order
  newest_batch integer not null,
  sums text not null,                 -- JSON: entries and exact quantity by meter, held and sign
  archived_at_ms integer not null,
  archived_by text not null,
  dropped_at_ms integer               -- gone from the usage store; until then the file counts all the same
) strict;

create table usage_archive_delivery (
  month text not null references usage_archive (month),
  delivery integer not null references usage_batch (id),
  entries integer not null,
  primary key (delivery, month)
) strict, without rowid;
