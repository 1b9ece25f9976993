--! breaking: no
--! why: the memory of a merge grows with the parts that it reads at once. Four at a time keep an import of ten million
--!      records within a tenth of the memory of one of a million; the merges are more, and each is smaller.
alter table usage_entry modify setting max_parts_to_merge_at_once = 4;
