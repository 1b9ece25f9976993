--! breaking: no
--! why: the first schema. Mappings and approvals are kept as changes that are only ever added, so that who pays for an
--!      hour, and what was known when, can be answered for ever.

create table registration (
  id integer primary key autoincrement,
  subscription_id text not null,
  resource_group text not null,
  name text not null,
  scope_key text not null unique,            -- lower case: ARM names compare case-insensitively
  cloud_id text not null,
  object_id text not null,
  billing_model text not null check (billing_model in ('PayAsYouUse', 'Capacity', 'Development', 'Custom', 'Ruggedized')),
  created_at_ms integer not null,
  updated_at_ms integer not null
) strict;
create unique index registration_cloud_id on registration (lower(cloud_id));  -- one stamp, one registration
create index registration_name on registration (lower(name));

create table approval_event (
  id integer primary key autoincrement,
  registration_id integer not null references registration (id),
  action text not null check (action in ('request', 'approve', 'deny', 'revoke')),
  actor text not null,
  reason text not null,
  recorded_at_ms integer not null
) strict;
create index approval_event_registration on approval_event (registration_id, id);

create table catalogue_subscription (
  subscription_id text primary key,
  display_name text not null,
  offer_type text not null check (offer_type in ('CSP', 'APSS', 'EA', 'PayAsYouGo')),
  state text not null,
  partner text not null,
  reseller text,
  customer text,
  tenant_id text,
  updated_at_ms integer not null
) strict;

create table local_subscription_change (
  id integer primary key autoincrement,
  registration_id integer not null references registration (id),
  local_subscription_id text not null,
  tenant_id text not null,
  display_name text not null,
  state text not null,
  recorded_at_ms integer not null
) strict;
create index local_subscription_change_key
  on local_subscription_change (registration_id, local_subscription_id, id);

create table mapping_change (
  id integer primary key autoincrement,
  registration_id integer not null references registration (id),
  tenant_id text not null,
  customer_subscription_id text,             -- null: the tenant is mapped to nobody from this hour on
  effective_hour integer not null,           -- UTC hours since 1970, inclusive
  recorded_at_ms integer not null,
  recorded_by text not null
) strict;
create index mapping_change_tenant on mapping_change (registration_id, tenant_id, id);

create table mapping_current (
  registration_id integer not null references registration (id),
  tenant_id text not null,
  customer_subscription_id text not null,
  change_id integer not null references mapping_change (id),
  primary key (registration_id, tenant_id),  -- a tenant has one payer
  unique (registration_id, customer_subscription_id)
) strict;

create table usage_batch (
  id integer primary key autoincrement,
  registration_id integer not null references registration (id),
  started_at_ms integer not null,
  finished_at_ms integer,
  accepted integer not null default 0,
  duplicate integer not null default 0,
  conflict integer not null default 0,
  parked integer not null default 0,
  rejected integer not null default 0
) strict;

create table statement_run (
  id integer primary key autoincrement,
  period text not null unique,               -- drafts: a newer run of a period takes the place of the older one
  price_sheet text not null,
  known_until_ms integer not null,
  last_batch integer not null,
  facts text not null                        -- JSON: conservation, parked and unpriced sums
) strict;

create table statement (
  number text primary key,
  run_id integer not null references statement_run (id) on delete cascade,
  payer text not null,
  currency text not null,
  total text not null,                       -- exact decimal text
  line_count integer not null
) strict;
create index statement_run_id on statement (run_id);

create table statement_line (
  statement_number text not null references statement (number) on delete cascade,
  line integer not null,
  registration_id integer not null references registration (id),
  meter text not null,
  quantity text not null,                    -- exact decimal text
  amount text not null,                      -- exact decimal text
  facts text not null,                       -- JSON: names, tier and price as they were
  primary key (statement_number, line)
) strict, without rowid;

create table audit_record (
  id integer primary key autoincrement,
  at_ms integer not null,
  actor text not null,
  action text not null,
  target text not null,
  outcome text not null,
  detail text not null                       -- JSON
) strict;
