import { formatInstant, HOUR_MS, type InstantMs, parseInstant } from "../../src/lib/instant.ts";
import { formatDecimal } from "../../src/lib/decimal.ts";
import { type Answer, type HubRequest, invalid, json, Refused, refusal } from "./answers.ts";
import { HUB_FAULT_NAMES, type FaultRates, type HubFault } from "./faults.ts";
import type { HubState } from "./hub.ts";

/**
 * The simulator's own endpoint: looks at the clock, the faults and the truth, and changes the first two. No token, and
 * only for the same machine.
 */
export function control(hub: HubState, request: HubRequest, [rest = ""]: readonly string[]): Answer {
  if (!request.isLocal) {
    throw new Refused(refusal(403, "AuthorizationFailed", "The control answers the same machine only."));
  }
  const wanted = `${request.method} ${rest}`;
  if (wanted === "GET ") return state(hub);
  if (wanted === "POST /clock") return moveClock(hub, bodyOf(request));
  if (wanted === "POST /faults") return setFaults(hub, bodyOf(request));
  if (wanted === "GET /truth") return truth(hub, request);
  throw new Refused(refusal(404, "InvalidResourceType", "The control has /control, /clock, /faults and /truth."));
}

const state = ({ clock, faults, requests }: HubState): Answer =>
  json({
    now: formatInstant(clock.now()),
    requests: requests(),
    faults: { oneIn: faults.rates(), shapes: faults.shapes, counts: faults.counts() },
  });

function bodyOf({ body }: HubRequest): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === "object" && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Not JSON: refused like any other value that is no object.
  }
  return invalid("body", "it is not a JSON object.");
}

/** `{"now": "2024-02-03T00:00Z"}` or `{"advanceHours": 24}`. */
function moveClock(hub: HubState, body: Readonly<Record<string, unknown>>): Answer {
  const { now, advanceHours } = body;
  const toMs = typeof now === "string" ? parseInstant(now) : undefined;
  if (toMs !== undefined) hub.clock.set(toMs);
  else if (typeof advanceHours === "number" && Number.isFinite(advanceHours)) hub.clock.advance(advanceHours * HOUR_MS);
  else invalid("body", "it needs now, a time, or advanceHours, a number.");
  return state(hub);
}

/** `{"oneIn": {"slow": 10}}` sets rates, and also takes "all" and "none"; `{"force": {"cutConnection": 2}}` comes next. */
function setFaults(hub: HubState, body: Readonly<Record<string, unknown>>): Answer {
  const { oneIn, force } = body;
  if (oneIn === "all" || oneIn === "none") hub.faults.set(oneIn);
  else if (oneIn !== undefined) hub.faults.set(countsOf(oneIn));
  if (force !== undefined) {
    for (const [name, times] of Object.entries(countsOf(force))) hub.faults.force(name as HubFault, times);
  }
  return state(hub);
}

function countsOf(value: unknown): FaultRates {
  const entries = Object.entries(value ?? {});
  for (const [name, number] of entries) {
    if (!(HUB_FAULT_NAMES as readonly string[]).includes(name)) invalid(name, "there is no such fault.");
    if (typeof number !== "number" || !Number.isSafeInteger(number) || number < 0) {
      invalid(name, "it is not a whole number.");
    }
  }
  return Object.fromEntries(entries);
}

/** Exact sums by hour of usage, local subscription and meter, of the windows from `from` to `to`, as NDJSON. */
function truth({ truth, timeline, clock }: HubState, { query }: HubRequest): Answer {
  const time = (name: string, otherwise: InstantMs): InstantMs => {
    const text = query.get(name);
    const instantMs = text === undefined ? otherwise : parseInstant(text);
    return instantMs ?? invalid(name, "it is not a time.");
  };
  const nowMs = Math.floor(clock.now() / HOUR_MS) * HOUR_MS;
  const hours = truth.hours(time("from", timeline.fromMs), time("to", nowMs));
  return { status: 200, headers: { "content-type": "application/x-ndjson" }, body: linesOf(hours) };
}

function* linesOf(hours: ReturnType<HubState["truth"]["hours"]>): Generator<string> {
  for (const { usageStartMs, quantity, ...hour } of hours) {
    const line = { usageStartTime: formatInstant(usageStartMs), ...hour, quantity: formatDecimal(quantity) };
    yield `${JSON.stringify(line)}\n`;
  }
}
