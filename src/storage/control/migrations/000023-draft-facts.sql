--! breaking: yes
--! why: a run of tens of thousands of payers still spent half of its time on writing out and compressing, line by line, what
--!      is the same on very many lines. It is kept once for each run now, and lines name it. Older drafts stay as they are.
create table statement_fact (
  run_id integer not null references statement_run (id) on delete cascade,
  number integer not null,
  facts text not null,                        -- JSON: meter, price and tier of a line
  primary key (run_id, number)
) strict, without rowid;
