--! breaking: yes
--! why: a run of tens of thousands of payers spent most of its time on writing a row for each line of a draft, which is
--!      only ever read together with all the others of its statement. They are one value now; new ones are compressed.
alter table statement add column lines blob not null default x'5b5d';   -- JSON list of lines, or that as Zstandard

update statement set lines = cast(coalesce((
  select json_group_array(json_patch(facts, json_object(
    'line', line, 'registration', registration_id, 'meter', meter, 'quantity', quantity, 'amount', amount)) order by line)
  from statement_line where statement_number = number), '[]') as blob);

drop table statement_line;
