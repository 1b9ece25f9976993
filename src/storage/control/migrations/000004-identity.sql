--! breaking: no
--! why: sign-in without anybody outside: the credentials of the built-in issuer, and the keys that sign its tokens and
--!      the activation keys of stamps.

create table signing_key (
  kid text primary key,
  purpose text not null check (purpose in ('token', 'activation-key', 'page-token')),
  algorithm text not null,
  private_jwk text not null,                 -- JSON; the data folder is readable by its owner only
  created_at_ms integer not null,
  retired_at_ms integer                      -- still verifies, signs no more
) strict;

create table credential (
  client_id text primary key,                -- GUID of an application, name of a user
  kind text not null check (kind in ('Application', 'User', 'PublicClient')),
  object_id text not null unique,            -- GUID
  display_name text not null,
  secret_hash text not null,                 -- scrypt, with its parameters and salt; empty for a public client
  redirect_uris text not null default '[]',  -- JSON list
  created_at_ms integer not null,
  created_by text not null,
  revoked_at_ms integer
) strict;
create unique index credential_client_id on credential (lower(client_id));

create table directory (
  single integer primary key check (single = 1),  -- there is one
  id text not null,                          -- GUID
  created_at_ms integer not null
) strict;
