--! breaking: no
--! why: a delivery can be withdrawn, and a version of a conflict chosen. Such a decision takes its number from the numbers
--!      of batches, so that one order tells what was known when, and keeps what it was about, so that it can be done again
--!      after a crash.
alter table usage_batch add column recorded_by text not null default '';
alter table usage_batch add column kind text not null default 'delivery'
  check (kind in ('delivery', 'withdrawal', 'choice'));
alter table usage_batch add column decision text;     -- JSON: what was decided, with its reason; null for a delivery
alter table usage_batch add column withdrawn_by integer references usage_batch (id);

create index usage_batch_running on usage_batch (id) where finished_at_ms is null;
create index usage_batch_registration on usage_batch (registration_id, id);
