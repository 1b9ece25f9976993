import { Fault } from "../../domain/faults/fault.ts";
import { formatMeter, type MeterId } from "../../domain/ids.ts";
import { isVerified, type SheetId } from "../../domain/rating/priceSheet.ts";
import { priceKey } from "../../domain/rating/priceTerms.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";
import { confirmationsOf, versionOf } from "./versions.ts";

export interface Confirming {
  readonly sheet: SheetId;
  readonly version: number;
  readonly commerceMeter: MeterId;
  readonly region: string | null;
  readonly reason: string;
}

/**
 * Records that somebody stands by a price that no published source backs; the version itself stays as it is. False when
 * it is verified already.
 * @throws Fault PriceSheetNotFound, PriceVersionNotFound, PriceNotFound
 */
export async function confirmPrice(context: Context, caller: Caller, asked: Confirming): Promise<boolean> {
  const { control, clock, priceSheet } = context;
  const { sheet: id, version, commerceMeter, region, reason } = asked;
  const atMs = clock.now();
  return await control.transaction(async (stores) => {
    const found = await versionOf({ control: stores, priceSheet }, id, version);
    const price = found.sheet.prices.get(priceKey(commerceMeter, region));
    if (price === undefined) {
      throw new Fault("PriceNotFound", { sheet: id, version, commerceMeter: formatMeter(commerceMeter) });
    }
    const confirmed = await confirmationsOf(stores, found.sheet);
    const isConfirmed = confirmed.some((so) => so.commerceMeter === commerceMeter && so.region === region);
    if (isVerified(price) || isConfirmed) return false;
    const recorded = { recordedAtMs: atMs, recordedBy: caller.name };
    await stores.prices.confirm({ sheet: id, version, commerceMeter, region, reason, ...recorded });
    await stores.audit.add({
      ...auditedBy(caller, atMs),
      action: "Stampbook/priceSheets/confirm/action",
      target: `/v1/price-sheets/${id}/versions/${version}`,
      outcome: "done",
      detail: { commerceMeter: formatMeter(commerceMeter), region, confidence: price.confidence, reason },
    });
    return true;
  });
}
