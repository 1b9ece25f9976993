--! breaking: yes
--! why: an object id is unique within its identity provider only, so a role is held by provider and object id together.
--!      What was granted to somebody of another provider counts for nobody until it is granted again: nothing tells whose
--!      id it was.

create table role_assignment_of_issuer (
  id text primary key,                       -- GUID
  scope_key text not null,                   -- lower case; / is everything
  scope text not null,
  issuer text not null,                      -- '' is the built-in one
  principal_id text not null,                -- object id
  principal_type text not null,
  role_definition_id text not null,          -- GUID
  created_by text not null,
  created_at_ms integer not null,
  unique (scope_key, issuer, principal_id, role_definition_id)
) strict;
insert into role_assignment_of_issuer
  (id, scope_key, scope, issuer, principal_id, principal_type, role_definition_id, created_by, created_at_ms)
  select id, scope_key, scope, '', principal_id, principal_type, role_definition_id, created_by, created_at_ms
  from role_assignment;
drop table role_assignment;
alter table role_assignment_of_issuer rename to role_assignment;
create index role_assignment_principal on role_assignment (principal_id, issuer);
