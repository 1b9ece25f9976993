import { DAY_MS, formatInstant, HOUR_MS, type InstantMs } from "../../lib/instant.ts";
import { spooledBytes, type StampState } from "./stampState.ts";

/** Something that somebody should look at. */
export interface Diagnosis {
  /** Name of the registration, or of the stamp in a bridge. */
  readonly of: string;
  readonly kind:
    | "NothingReported"
    | "CursorStuck"
    | "Gap"
    | "VolumeFalling"
    | "TenantUnmapped"
    | "MeterUnpriced"
    | "MeterUnknown"
    | "LocalSubscriptionUnknown"
    | "Conflicts"
    | "ClockSkewed"
    | "SpoolFilling"
    | "RowsRejected"
    | "BundlesUnconfirmed"
    | "HoursUnconfirmed";
  readonly what: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** What a server holds of one stamp in the hours that are looked at. */
export interface StampFacts {
  readonly registration: string;
  /** Only such a stamp has payers beside its own subscription. */
  readonly mapsTenants: boolean;
  readonly fromMs: InstantMs;
  readonly nowMs: InstantMs;
  /** End of the newest reported window. */
  readonly reportedUntilMs: InstantMs | undefined;
  /** Records by the start of their usage hour. */
  readonly records: ReadonlyMap<InstantMs, number>;
  /** Tenants whose usage the registration subscription pays for, with their records. */
  readonly unmapped: ReadonlyMap<string, number>;
  readonly waiting: readonly { readonly reason: string; readonly name: string; readonly records: number }[];
}

/** A stamp reports an hour within two, and a bridge reads it some minutes later; this is long after. */
const STUCK_HOURS = 6;
/** In the newest hours late rows are normal. */
const SETTLING_HOURS = 4;
/** A day with less than so many per cent of the days before it. */
const FALLING_PERCENT = 50;
const DAYS_TO_COMPARE_MIN = 2;

const WAITING: Readonly<Record<string, Pick<Diagnosis, "kind" | "remedy">>> = {
  NoPrice: { kind: "MeterUnpriced", remedy: "Put a price for it into the price sheet: stampbook prices --help" },
  UnknownMeter: { kind: "MeterUnknown", remedy: "Add the meter to the catalogue: stampbook meters --help" },
  UnknownLocalSubscription: {
    kind: "LocalSubscriptionUnknown",
    remedy: "Say whose it is: stampbook local-subscriptions put REGISTRATION ID --tenant TENANT",
  },
  Conflict: { kind: "Conflicts", remedy: "Look at both versions and choose: stampbook usage parked" },
};

/** What is wrong with a stamp's usage as far as the server can tell. */
export function diagnose(facts: StampFacts): readonly Diagnosis[] {
  const { registration: of, reportedUntilMs, nowMs, waiting, unmapped, mapsTenants } = facts;
  if (reportedUntilMs === undefined) {
    const remedy = "Connect it: docs/guides/connect-a-stamp.md";
    return [{ of, kind: "NothingReported", what: "no usage was ever delivered", remedy }];
  }
  const found: Diagnosis[] = [];
  const behindHours = Math.floor((nowMs - reportedUntilMs) / HOUR_MS);
  if (behindHours >= STUCK_HOURS) {
    found.push({
      of,
      kind: "CursorStuck",
      what: `nothing newer than ${formatInstant(reportedUntilMs)} was delivered: ${behindHours} hours`,
      remedy: "Ask the bridge why: stampbook bridge status --config FILE, and stampbook doctor --config FILE",
    });
  }
  found.push(...gaps(facts), ...falling(facts));
  if (mapsTenants) {
    for (const [tenant, records] of unmapped) {
      const what = `the registration subscription pays for ${records} records of tenant ${tenant}`;
      found.push({
        of,
        kind: "TenantUnmapped",
        what,
        remedy: "Map it if somebody else is to pay: stampbook tenants map",
      });
    }
  }
  for (const { reason, name, records } of waiting) {
    const known = WAITING[reason];
    if (known !== undefined) found.push({ of, ...known, what: `${records} records of ${name} wait (${reason})` });
  }
  return found;
}

/** Hours without any usage between hours with usage. */
function gaps({ registration: of, records, fromMs, nowMs }: StampFacts): readonly Diagnosis[] {
  const hours = [...records.keys()].sort((a, b) => a - b);
  const found: Diagnosis[] = [];
  let next = hours[0] ?? fromMs;
  for (const hour of [...hours, nowMs - SETTLING_HOURS * HOUR_MS]) {
    // The end of what is looked at counts only where a later hour has usage: else it is the cursor that is stuck.
    const isEnd = !records.has(hour);
    if (hour > next && !isEnd) {
      const what = `no usage from ${formatInstant(next)} to ${formatInstant(hour)}: ${(hour - next) / HOUR_MS} hours`;
      const remedy =
        "If the stamp was not off, read the hours again: a bridge with a new stateFolder and startAt there";
      found.push({ of, kind: "Gap", what, remedy });
    }
    next = Math.max(next, hour + HOUR_MS);
  }
  return found;
}

/** The newest whole day of hours against the mean of the days before it. */
function falling({ registration: of, records, fromMs, nowMs }: StampFacts): readonly Diagnosis[] {
  const endMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS - SETTLING_HOURS * HOUR_MS;
  const days = Math.floor((endMs - fromMs) / DAY_MS) - 1;
  if (days < DAYS_TO_COMPARE_MIN) return [];
  let [newest, before] = [0, 0];
  for (const [hour, count] of records) {
    if (hour >= endMs - DAY_MS && hour < endMs) newest += count;
    else if (hour >= endMs - (days + 1) * DAY_MS && hour < endMs) before += count;
  }
  if (newest * days * 100 >= before * FALLING_PERCENT) return [];
  const what = `${newest} records in the day until ${formatInstant(endMs)}, ${Math.round(before / days)} a day before`;
  const remedy = "Compare with the stamp: were resources removed, or does its usage service lag?";
  return [{ of, kind: "VolumeFalling", what, remedy }];
}

export interface BridgeLimits {
  readonly spoolBytesMax: number;
  readonly spoolWarnPercent: number;
}

const SKEW_MS_MAX = 60_000;

/** What is wrong with a stamp as far as its bridge can tell. */
export function diagnoseBridge(
  of: string,
  state: StampState,
  limits: BridgeLimits,
  nowMs: InstantMs,
): readonly Diagnosis[] {
  const found: Diagnosis[] = [];
  const behindHours = Math.floor((nowMs + state.skewMs - state.cursorMs) / HOUR_MS);
  if (behindHours >= STUCK_HOURS) {
    const what = `the hour ${formatInstant(state.cursorMs)} is the next to be read, ${behindHours} hours ago`;
    const remedy =
      "See why in what the bridge tells: a stamp in maintenance, a credential, a full spool; or it does not run";
    found.push({ of, kind: "CursorStuck", what, remedy });
  }
  if (Math.abs(state.skewMs) >= SKEW_MS_MAX) {
    const seconds = Math.round(Math.abs(state.skewMs) / 1_000);
    const what = `the stamp's clock is ${seconds} s ${state.skewMs > 0 ? "ahead of" : "behind"} this machine's`;
    found.push({ of, kind: "ClockSkewed", what, remedy: "Set the time server of the stamp, or of this machine" });
  }
  const bytes = spooledBytes(state);
  if (bytes * 100 >= limits.spoolBytesMax * limits.spoolWarnPercent) {
    const what = `${bytes} of ${limits.spoolBytesMax} bytes of the spool are used`;
    const remedy = "Let the server take what waits, carry receipts back, or raise spoolBytesMax";
    found.push({ of, kind: "SpoolFilling", what, remedy });
  }
  if (state.setAside.length > 0) {
    const what = `the server rejected rows of ${state.setAside.length} deliveries; their files are kept`;
    const remedy = "Put right what it said, then: stampbook bridge redeliver --config FILE";
    found.push({ of, kind: "RowsRejected", what, remedy });
  }
  if (state.bundles.length > 1) {
    const what = `${state.bundles.length} bundles have no receipt: ${state.bundles.map(({ number }) => number).join(", ")}`;
    const remedy = "Carry their receipts back, or write them again: stampbook bridge export --again NUMBER";
    found.push({ of, kind: "BundlesUnconfirmed", what, remedy });
  }
  const unconfirmed = state.recent.filter(({ by }) => by === "subscription").length;
  if (unconfirmed > 0) {
    const what = `${unconfirmed} hours were read subscription by subscription only, because the stamp is slow`;
    const remedy = "They are tried as a whole again; until then subscriptions that no list named may be missing";
    found.push({ of, kind: "HoursUnconfirmed", what, remedy });
  }
  return found;
}
