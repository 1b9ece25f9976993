// Loaded into a server before its program (node --import): its clock is ahead by as many minutes as the environment says.
const aheadMs = Number(process.env["CLOCK_AHEAD_MINUTES"] ?? "0") * 60_000;
const now = Date.now.bind(Date);
Date.now = () => now() + aheadMs;
