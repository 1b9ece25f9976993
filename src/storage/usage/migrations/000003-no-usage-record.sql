--! breaking: yes
--! why: everything in this table was carried over to the ledger.
drop table if exists usage_record;
