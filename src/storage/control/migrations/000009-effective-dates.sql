--! breaking: no
--! why: a local subscription gets an owner and an offer, and each of its changes an hour that it counts from and who
--!      recorded it; the billing model of a registration gets a history. What was known of a local subscription first
--!      has always been so; what was recorded later counts from the next whole hour.

alter table local_subscription_change add column owner text not null default '';
alter table local_subscription_change add column offer text not null default '';
alter table local_subscription_change add column effective_hour integer not null default 0;  -- UTC hours since 1970
alter table local_subscription_change add column recorded_by text not null default 'local';

update local_subscription_change set effective_hour = (recorded_at_ms + 3599999) / 3600000
  where exists (
    select 1 from local_subscription_change earlier
    where earlier.registration_id = local_subscription_change.registration_id
      and earlier.local_subscription_id = local_subscription_change.local_subscription_id
      and earlier.id < local_subscription_change.id);

create index local_subscription_change_hour
  on local_subscription_change (registration_id, local_subscription_id, effective_hour, id);

create table billing_model_change (
  id integer primary key autoincrement,
  registration_id integer not null references registration (id),
  billing_model text not null,
  effective_hour integer not null,
  recorded_at_ms integer not null,
  recorded_by text not null
) strict;
create index billing_model_change_registration on billing_model_change (registration_id, effective_hour, id);

insert into billing_model_change (registration_id, billing_model, effective_hour, recorded_at_ms, recorded_by)
  select id, billing_model, 0, created_at_ms, created_by from registration order by id;

create index mapping_change_registration on mapping_change (registration_id, id);
