--! breaking: no
--! why: a closed statement is rebuilt from what was decided about prices. Assignments, confirmations and rates are only ever
--!      added; so far the program alone kept to that, and now the database refuses anything else, as it does for published
--!      versions and closed documents.

create trigger price_assignment_keeps_update before update on price_assignment
begin select raise(abort, 'price assignments are never changed'); end;

create trigger price_assignment_keeps_delete before delete on price_assignment
begin select raise(abort, 'price assignments are never deleted'); end;

create trigger price_confirmation_keeps_update before update on price_confirmation
begin select raise(abort, 'confirmations of prices are never changed'); end;

create trigger price_confirmation_keeps_delete before delete on price_confirmation
begin select raise(abort, 'confirmations of prices are never deleted'); end;

create trigger fx_rate_keeps_update before update on fx_rate
begin select raise(abort, 'rates between currencies are never changed'); end;

create trigger fx_rate_keeps_delete before delete on fx_rate
begin select raise(abort, 'rates between currencies are never deleted'); end;
