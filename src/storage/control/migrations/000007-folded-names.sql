--! breaking: no
--! why: names are found in any case of any letter: lower() of the engine folds ASCII letters only. fold_case is the
--!      server's own folding, which the stores use for what they look up.

alter table registration add column name_key text not null default '';          -- lower case
alter table registration add column cloud_id_key text not null default '';      -- lower case
update registration set name_key = fold_case(name), cloud_id_key = fold_case(cloud_id);
-- Of two that only this folding makes the same, the older one is found: a start must not fail over them.
update registration set cloud_id_key = cloud_id_key || '#' || id
  where exists (select 1 from registration other
    where other.id < registration.id and other.cloud_id_key = registration.cloud_id_key);
drop index registration_name;
create index registration_name on registration (name_key);
drop index registration_cloud_id;
create unique index registration_cloud_id on registration (cloud_id_key) where deleted_at_ms is null;

alter table credential add column client_id_key text not null default '';       -- lower case
update credential set client_id_key = fold_case(client_id);
update credential set client_id_key = client_id_key || '#' || rowid
  where exists (select 1 from credential other
    where other.rowid < credential.rowid and other.client_id_key = credential.client_id_key);
drop index credential_client_id;
create unique index credential_client_id on credential (client_id_key);
