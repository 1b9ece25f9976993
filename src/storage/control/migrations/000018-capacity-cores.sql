--! breaking: no
--! why: a stamp that is billed by its capacity pays for its physical cores. How many it had in an hour must still be known
--!      after it was registered anew with other hosts, so the number is kept with the change that it came with.
alter table billing_model_change add column cores integer;   -- null: the token did not say, or nobody wrote it down then
