--! breaking: no
--! why: the catalogue tells an indirect provider from a partner, and keeps who changed what and when.

alter table catalogue_subscription add column provider text;

create index catalogue_subscription_billing_partner  -- look-up of ids like a mistyped one, among one partner's own
  on catalogue_subscription (coalesce(provider, partner), subscription_id);

create table catalogue_change (
  id integer primary key autoincrement,
  subscription_id text not null,
  content text,                              -- JSON as it was from then on; null: taken out
  actor text not null,
  recorded_at_ms integer not null
) strict;
create index catalogue_change_subscription on catalogue_change (subscription_id, id);
