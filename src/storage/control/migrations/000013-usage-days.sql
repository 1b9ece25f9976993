--! breaking: no
--! why: which days of a registration hold usage, and how far each is rolled up in the usage store. A day is marked before
--!      anything of it is written there. A registration is named by its number alone: a mark must be made whatever else
--!      is known. The end of the newest reported window tells how fresh a registration's numbers are.
create table usage_day_mark (
  registration_id integer not null,
  day integer not null,                     -- since 1970, UTC
  touched_by integer not null,              -- the newest batch that may have brought entries
  rolled_up_to integer not null default 0,  -- what touched_by was when the day was rolled up last
  primary key (registration_id, day)
) without rowid;

create index usage_day_mark_by_day on usage_day_mark (day);
create index usage_day_mark_behind on usage_day_mark (day, registration_id, touched_by) where rolled_up_to < touched_by;

alter table usage_batch add column reported_until_ms integer;
