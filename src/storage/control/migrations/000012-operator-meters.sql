--! breaking: no
--! why: operators add meters that the catalogue does not have, and say which commerce meter prices a meter and how many of
--!      its units one unit is. Both are kept as changes that are only ever added, each with the hour it counts from.

create table operator_meter_change (
  id integer primary key autoincrement,
  meter text not null,                       -- canonical id
  name text not null,
  resource_provider text not null,
  unit text not null,
  service_category text not null,            -- FOCUS
  service_subcategory text not null,
  service_name text not null,
  consumed_unit text not null,
  reason text not null,
  effective_hour integer not null,
  recorded_at_ms integer not null,
  recorded_by text not null
) strict;

create table meter_mapping_change (
  id integer primary key autoincrement,
  meter text not null,                       -- canonical id
  commerce_meter text,                       -- null: as the price sheet says again
  factor text not null,                      -- exact: 2, 1/1073741824
  reason text not null,
  effective_hour integer not null,
  recorded_at_ms integer not null,
  recorded_by text not null
) strict;
