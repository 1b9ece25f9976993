--! breaking: no
--! why: a page of statements was cut from all that a period has. It is read by itself now: documents of a period, and drafts
--!      of a run, in the order of their numbers.
create index document_page on document (period, kind, number);
drop index statement_run_id;
create index statement_page on statement (run_id, number);
