--! breaking: no
--! why: a request that named an Idempotency-Key gets the same answer when it is sent again, also after a restart.

create table idempotent_answer (
  registration_id integer not null references registration (id),
  key text not null,
  caller text not null,                      -- object id
  fingerprint text not null,                 -- hex digits
  created_at_ms integer not null,
  status integer not null,
  content_type text not null,
  content_language text not null,
  body blob not null,                        -- gzip
  primary key (registration_id, key)
) strict;
create index idempotent_answer_caller on idempotent_answer (caller, key);
create index idempotent_answer_age on idempotent_answer (created_at_ms);
create index idempotent_answer_order on idempotent_answer (registration_id, created_at_ms);
