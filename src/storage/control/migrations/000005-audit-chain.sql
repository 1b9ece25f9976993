--! breaking: no
--! why: the audit says from where and in which request, and cannot be changed without its chain of hashes telling.

alter table audit_record add column actor_id text not null default '';
alter table audit_record add column address text not null default '';
alter table audit_record add column correlation_id text not null default '';
alter table audit_record add column hash text not null default '';     -- '' before the chain began

create index audit_record_target on audit_record (target, id);
create trigger audit_record_keeps_update before update on audit_record
begin select raise(abort, 'audit records are never changed'); end;
create trigger audit_record_keeps_delete before delete on audit_record
begin select raise(abort, 'audit records are never deleted'); end;
