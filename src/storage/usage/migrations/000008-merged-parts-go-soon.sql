--! breaking: no
--! why: parts that were merged stay in memory, about 30 KB each, until the next clean-up of their table. Half a minute
--!      apart, as they were, an import left up to 500 of them; a short one was over before the first.
alter table usage_entry modify setting cleanup_delay_period = 5, cleanup_delay_period_random_add = 1, max_cleanup_delay_period = 10;
