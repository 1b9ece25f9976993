--! breaking: no
--! why: of a delivery that broke off, because the usage engine gave no answer or the process died, an insert may still be
--!      under way on a ClickHouse server, for as long as a query may run. Whoever follows what batches bring, in their order,
--!      must not pass such a batch before. Batches from before this count as settled: they are older than that.
alter table usage_batch add column broken_off integer not null default 0 check (broken_off in (0, 1));

create index usage_batch_broken_off on usage_batch (id) where broken_off = 1;
