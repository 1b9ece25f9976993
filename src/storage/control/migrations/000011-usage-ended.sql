--! breaking: no
--! why: a decision tells how many versions of records it ended.
alter table usage_batch add column ended integer not null default 0;
