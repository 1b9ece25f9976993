--! breaking: no
--! why: resource groups, locks, role assignments and provider registrations, which the tools around a registration need;
--!      a registration gets tags, a version for its etag, and who wrote it. A deleted registration stays, for usage and
--!      mappings point to it: it gives up its name and its cloud id.

alter table registration add column tags text not null default '{}';              -- JSON object of texts
alter table registration add column version integer not null default 1;           -- counts writes, for the etag
alter table registration add column token_facts text not null default '{}';       -- JSON: what else the token said
alter table registration add column token_digest text not null default '';        -- SHA-256; the token itself is not kept
alter table registration add column remote_management integer not null default 0;
alter table registration add column created_by text not null default 'local';
alter table registration add column created_by_type text not null default 'User';
alter table registration add column updated_by text not null default 'local';
alter table registration add column updated_by_type text not null default 'User';
alter table registration add column deleted_at_ms integer;                        -- scope_key is then deleted/ID
drop index registration_cloud_id;
create unique index registration_cloud_id on registration (lower(cloud_id)) where deleted_at_ms is null;

create table resource_group (
  subscription_id text not null,
  name_key text not null,                    -- lower case
  name text not null,
  location text not null,
  tags text not null,                        -- JSON object of texts
  managed_by text,
  created_at_ms integer not null,
  updated_at_ms integer not null,
  primary key (subscription_id, name_key)
) strict, without rowid;

create table provider_registration (
  subscription_id text not null,
  namespace text not null,                   -- lower case
  state text not null check (state in ('Registered', 'Unregistered')),
  changed_at_ms integer not null,
  primary key (subscription_id, namespace)
) strict, without rowid;

insert into resource_group (subscription_id, name_key, name, location, tags, created_at_ms, updated_at_ms)
  select subscription_id, lower(resource_group), resource_group, 'global', '{}', min(created_at_ms), min(created_at_ms)
  from registration group by subscription_id, lower(resource_group);
insert into provider_registration (subscription_id, namespace, state, changed_at_ms)
  select subscription_id, 'microsoft.azurestack', 'Registered', min(created_at_ms)
  from registration group by subscription_id;

create table management_lock (
  scope_key text not null,                   -- lower case resource id of what is locked
  name_key text not null,                    -- lower case
  scope text not null,
  name text not null,
  level text not null check (level in ('CanNotDelete', 'ReadOnly')),
  notes text not null,
  created_by text not null,
  created_at_ms integer not null,
  primary key (scope_key, name_key)
) strict, without rowid;

create table role_assignment (
  id text primary key,                       -- GUID
  scope_key text not null,                   -- lower case; / is everything
  scope text not null,
  principal_id text not null,                -- object id
  principal_type text not null,
  role_definition_id text not null,          -- GUID
  created_by text not null,
  created_at_ms integer not null,
  unique (scope_key, principal_id, role_definition_id)
) strict;
create index role_assignment_principal on role_assignment (principal_id);
