import { Fault } from "../../domain/faults/fault.ts";
import { History, nextEffectiveHour } from "../../domain/history.ts";
import { type Hour, hourFrom, hourStartMs, subscriptionId } from "../../domain/ids.ts";
import { LIMITS } from "../../domain/limits.ts";
import { termsToJson } from "../../domain/rating/priceJson.ts";
import type { Level, Party, PriceAssignment, PriceTerms } from "../../domain/rating/priceTerms.ts";
import type { PriceSheet, SheetId } from "../../domain/rating/priceSheet.ts";
import type { PriceStore } from "../../domain/rating/store.ts";
import { formatInstant } from "../../lib/instant.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";
import { findRegistration } from "../registrations/find.ts";
import { mustBeOpen } from "./closed.ts";

export interface Assigning {
  readonly level: Level;
  readonly party: Party;
  /** Null ends what was assigned. */
  readonly terms: PriceTerms | null;
  readonly reason: string;
  /** Undefined: from the next whole hour. */
  readonly fromMs: number | undefined;
  readonly isCorrection: boolean;
}

/**
 * Says by which sheet and on which terms somebody's usage is priced from an hour on. False when it is so already.
 * @throws Fault InvalidParameter, RegistrationNotFound, RegistrationAmbiguous, PriceSheetNotFound, PriceSheetNotInForce,
 * PriceChangeInClosedPeriod
 */
export async function assignSheet(context: Context, caller: Caller, asked: Assigning): Promise<boolean> {
  const { control, clock, priceSheet } = context;
  const { level, terms, reason, isCorrection } = asked;
  const atMs = clock.now();
  return await control.transaction(async (stores) => {
    const party = await canonicalParty(stores, asked.party);
    const { assignments } = await stores.prices.records();
    const own = assignments.filter((so) => {
      return so.level === level && so.party.kind === party.kind && so.party.id === party.id;
    });
    const history = new History<PriceAssignment>(own);
    const effectiveHour =
      asked.fromMs === undefined
        ? nextEffectiveHour(history.last?.effectiveHour, hourFrom(atMs))
        : hourFrom(asked.fromMs);
    const before = history.at(effectiveHour)?.terms ?? null;
    const shown = (so: PriceTerms | null) => so && termsToJson(so);
    if (JSON.stringify(shown(before)) === JSON.stringify(shown(terms))) return false;
    if (terms !== null) await mustBeInForce(stores.prices, priceSheet, terms.sheet, effectiveHour);
    await mustBeOpen(stores, context, { from: effectiveHour, isCorrection });
    const recorded = { recordedAtMs: atMs, recordedBy: caller.name };
    await stores.prices.assign({ level, party, terms, reason, effectiveHour, ...recorded });
    await stores.audit.add({
      ...auditedBy(caller, atMs),
      action: "Stampbook/priceSheets/assign/action",
      target: `/v1/price-assignments/${level}/${party.kind}/${party.id}`,
      outcome: "done",
      detail: {
        before: shown(before),
        after: shown(terms),
        from: formatInstant(hourStartMs(effectiveHour)),
        reason,
        correction: isCorrection,
      },
    });
    return true;
  });
}

/** One spelling for one party. @throws Fault InvalidParameter, RegistrationNotFound, RegistrationAmbiguous */
async function canonicalParty(stores: Parameters<typeof findRegistration>[0], { kind, id }: Party): Promise<Party> {
  const wrong = (reason: string): Fault =>
    new Fault("InvalidParameter", { parameter: "party.id", value: id, reason }, { target: "party.id" });
  const text = id.trim();
  if (kind === "everyone") {
    if (text !== "") throw wrong("everyone is nobody in particular; leave it out");
    return { kind, id: "" };
  }
  if (text === "") throw wrong("it must not be empty");
  if (kind === "stamp") return { kind, id: String((await findRegistration(stores, text)).id) };
  if (kind === "customer") {
    const subscription = subscriptionId(text);
    if (subscription === undefined) throw wrong("a subscription id, which is a GUID, is needed");
    return { kind, id: subscription };
  }
  if (text.length > LIMITS.catalogueTextCharsMax)
    throw wrong(`it has more than ${LIMITS.catalogueTextCharsMax} characters`);
  return { kind, id: text };
}

/** @throws Fault PriceSheetNotFound, PriceSheetNotInForce */
async function mustBeInForce(prices: PriceStore, builtIn: PriceSheet, sheet: SheetId, hour: Hour): Promise<void> {
  if (sheet === builtIn.id) return;
  const versions = await prices.versions(sheet);
  if (versions.length === 0) throw new Fault("PriceSheetNotFound", { sheet });
  if (versions.some(({ state, from }) => state === "published" && from! <= hour)) return;
  throw new Fault("PriceSheetNotInForce", { sheet, from: formatInstant(hourStartMs(hour)) });
}
