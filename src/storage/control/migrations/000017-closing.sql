--! breaking: yes
--! why: statements are closed for good. An older program would make drafts anew of what is closed, and would not know
--!      whose sequence a number is of.
alter table statement_run add column mark text not null default '{}';      -- JSON: newest change of each kind that counted
alter table statement add column level text not null default 'customer';
alter table statement add column issuer text not null default '';
alter table statement add column partner text not null default '';         -- whom it is closed for
alter table statement add column content text not null default '';         -- digest of the lines, to tell drafts apart
create index statement_payer on statement (payer);

-- One answer to "close" or "correct": which usage and which decisions it knew, and what it was let through.
create table closing (
  id integer primary key autoincrement,
  kind text not null check (kind in ('close', 'correction')),
  period text not null,
  from_hour integer not null,               -- UTC hours since 1970, half-open
  to_hour integer not null,
  partner text not null,
  known_until_ms integer not null,
  last_batch integer not null,
  mark text not null,                       -- JSON: newest change of each kind that counted
  closed_at_ms integer not null,
  closed_by text not null,
  facts text not null                       -- JSON: conservation, checks and what was accepted, payers set aside
) strict;
create index closing_period on closing (period, partner, id);

create table document_issuer (
  name text primary key,
  prefix text not null unique,              -- what its numbers begin with
  last_sequence integer not null
) strict;

create table document (
  number text primary key,
  kind text not null check (kind in ('statement', 'correction')),
  closing_id integer not null references closing (id),
  issuer text not null references document_issuer (name),
  sequence integer not null,
  level text not null,
  payer text not null,
  partner text not null,
  period text not null,
  issued_in text not null,                  -- the open period of a correction; a statement's own
  corrects text references document (number),
  currency text not null,
  total text not null,                      -- exact decimal text; of a correction what it adds
  line_count integer not null,
  hash text not null,                       -- SHA-256 of the content
  facts text not null,                      -- JSON: causes, rounding and what else is no line
  unique (issuer, sequence)
) strict;
create unique index document_statement on document (period, level, payer) where kind = 'statement';
create unique index document_chain on document (corrects) where corrects is not null;
create index document_period on document (period, partner, level, payer, sequence);
create index document_closing on document (closing_id);
create index document_payer on document (payer);

create table document_line (
  document_number text not null references document (number),
  line integer not null,
  facts text not null,                      -- JSON: the line as it is told
  primary key (document_number, line)
) strict, without rowid;

create trigger closing_keeps_update before update on closing
begin select raise(abort, 'what is closed is never changed'); end;
create trigger closing_keeps_delete before delete on closing
begin select raise(abort, 'what is closed is never deleted'); end;
create trigger document_keeps_update before update on document
begin select raise(abort, 'what is closed is never changed'); end;
create trigger document_keeps_delete before delete on document
begin select raise(abort, 'what is closed is never deleted'); end;
create trigger document_line_keeps_update before update on document_line
begin select raise(abort, 'what is closed is never changed'); end;
create trigger document_line_keeps_delete before delete on document_line
begin select raise(abort, 'what is closed is never deleted'); end;
create trigger document_line_keeps_insert before insert on document_line
when (select line_count from document where number = new.document_number)
  <= (select count(*) from document_line where document_number = new.document_number)
begin select raise(abort, 'a document keeps the lines that it was closed with'); end;
create trigger document_issuer_counts_on before update on document_issuer
when new.last_sequence < old.last_sequence or new.prefix <> old.prefix or new.name <> old.name
begin select raise(abort, 'numbers of documents only go on'); end;
create trigger document_issuer_keeps_delete before delete on document_issuer
begin select raise(abort, 'issuers of documents are never deleted'); end;
