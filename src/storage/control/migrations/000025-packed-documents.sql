--! breaking: yes
--! why: a closed line was one JSON text. An export of a month read and parsed, line by line, what is the same on very many
--!      lines, and documents took ten times the room that drafts of the same lines take. Lines are kept in pieces now, and what
--!      they share once for each closing. Older lines stay the texts that they were, put together in pieces. And what was issued
--!      in a period is read piece by piece: the index has the order in which it is told.
create table document_fact (
  closing_id integer not null references closing (id),
  number integer not null,
  facts text not null,                        -- JSON: meter, price and tier of a line
  primary key (closing_id, number)
) strict, without rowid;

-- With rowids: pieces are long, and in a tree of keys alone each look-up would read through several of them.
create table document_piece (
  document_number text not null references document (number),
  first_line integer not null,
  line_count integer not null,
  lines text not null,                        -- JSON: lines that name facts; a list where lines are told in full
  primary key (document_number, first_line)
) strict;

insert into document_piece (document_number, first_line, line_count, lines)
select document_number, min(line), count(*), '[' || group_concat(facts, ',' order by line) || ']'
from document_line
group by document_number, (line - 1) / 500;

drop table document_line;

create trigger document_fact_keeps_update before update on document_fact
begin select raise(abort, 'what is closed is never changed'); end;
create trigger document_fact_keeps_delete before delete on document_fact
begin select raise(abort, 'what is closed is never deleted'); end;
create trigger document_piece_keeps_update before update on document_piece
begin select raise(abort, 'what is closed is never changed'); end;
create trigger document_piece_keeps_delete before delete on document_piece
begin select raise(abort, 'what is closed is never deleted'); end;
-- Each piece goes on where the one before it ends, and none goes on after the last line.
create trigger document_piece_keeps_insert before insert on document_piece
when new.line_count < 1
  or new.first_line <> coalesce(
    (select first_line + line_count from document_piece
      where document_number = new.document_number order by first_line desc limit 1), 1)
  or new.first_line + new.line_count - 1 > (select line_count from document where number = new.document_number)
begin select raise(abort, 'a document keeps the lines that it was closed with'); end;

drop index document_issued;
create index document_issued on document (issued_in, partner, period, level, payer, closing_id);
