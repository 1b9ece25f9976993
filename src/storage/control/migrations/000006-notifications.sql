--! breaking: no
--! why: what has to be told to the approvers' system waits here until it has been delivered, also across restarts.

create table notification (
  id integer primary key autoincrement,
  kind text not null,
  payload text not null,                     -- JSON
  created_at_ms integer not null,
  attempts integer not null default 0,
  next_attempt_at_ms integer not null,
  delivered_at_ms integer,
  given_up_at_ms integer,
  last_error text not null default ''
) strict;
create index notification_waiting on notification (next_attempt_at_ms) where delivered_at_ms is null and given_up_at_ms is null;
