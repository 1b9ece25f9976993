--! breaking: no
--! why: prices are dated versions that never change once published, so that whatever was priced with one can be rebuilt.
--!      Who is priced by which sheet, confirmations of unverified prices and rates between currencies are changes that are
--!      only ever added, each with when it was recorded.

create table price_sheet_version (
  sheet text not null,
  version integer not null,
  name text not null,
  currency text not null,
  state text not null check (state in ('draft', 'published')),
  from_hour integer,                         -- first usage hour that it counts for; null: a draft
  content text not null,                     -- JSON: rounding, prices, packages, commerce meters
  created_at_ms integer not null,
  created_by text not null,
  published_at_ms integer,
  published_by text,
  reason text not null default '',
  primary key (sheet, version),
  check ((state = 'published') = (from_hour is not null and published_at_ms is not null))
) strict, without rowid;

create unique index price_sheet_version_hour on price_sheet_version (sheet, from_hour) where state = 'published';

create trigger price_sheet_version_keeps_update before update on price_sheet_version when old.state = 'published'
begin select raise(abort, 'published price sheets are never changed'); end;

create trigger price_sheet_version_keeps_delete before delete on price_sheet_version when old.state = 'published'
begin select raise(abort, 'published price sheets are never deleted'); end;

create table price_assignment (
  id integer primary key autoincrement,
  level text not null check (level in ('customer', 'reseller', 'provider')),
  party_kind text not null check (party_kind in ('customer', 'stamp', 'reseller', 'partner', 'everyone')),
  party_id text not null,
  terms text,                                -- JSON: sheet, region, mark-ups, credit, currency; null: ended
  reason text not null,
  effective_hour integer not null,
  recorded_at_ms integer not null,
  recorded_by text not null
) strict;

create index price_assignment_party on price_assignment (level, party_kind, party_id, id);

create table price_confirmation (
  id integer primary key autoincrement,
  sheet text not null,
  version integer not null,
  commerce_meter text not null,
  region text,
  reason text not null,
  recorded_at_ms integer not null,
  recorded_by text not null
) strict;

create table fx_rate (
  id integer primary key autoincrement,
  period text not null,
  from_currency text not null,
  to_currency text not null,
  rate text not null,                        -- exact decimal text
  reason text not null,
  recorded_at_ms integer not null,
  recorded_by text not null
) strict;

create index fx_rate_period on fx_rate (period, from_currency, to_currency, id);
