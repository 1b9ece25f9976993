--! breaking: no
--! why: an export asks for what a partner was billed in a period: its statements, and corrections of earlier periods that
--!      were issued in it. Without an index every document of all periods would be read.
create index document_issued on document (issued_in, partner, level, payer, sequence);
