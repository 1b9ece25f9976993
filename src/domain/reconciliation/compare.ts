import { type Decimal, formatDecimal } from "../../lib/decimal.ts";
import { nameAmounts, type Says } from "./amounts.ts";
import { type Difference, inOrder } from "./cause.ts";
import {
  nameLate,
  nameRest,
  nameShifts,
  nameUnmapped,
  type OpenQuantity,
  openQuantities,
  type QuantityFacts,
  settled,
} from "./quantities.ts";
import type { Side, ToldShift } from "./side.ts";

/** Where the other side itself says on which day its hour was, no rule is needed. */
const shiftOf = ({ quantity, eventDay, day, isOfPeriod, ...place }: ToldShift): Difference => ({
  situation: isOfPeriod ? "arrived-later" : "arrived-from-other-period",
  measure: "quantity",
  payer: place.payer,
  stamp: place.stamp,
  meter: place.meter,
  meterName: place.meterName,
  day: isOfPeriod ? eventDay : day,
  ours: isOfPeriod ? formatDecimal(quantity) : null,
  theirs: isOfPeriod ? null : formatDecimal(quantity),
  difference: formatDecimal(isOfPeriod ? { ...quantity, coefficient: -quantity.coefficient } : quantity),
  other: isOfPeriod ? day : eventDay,
});

/**
 * Every difference between two sides, each with its cause (`RECONCILIATION_CAUSES`): nothing is let pass as being small.
 * @param factsOf asked only where quantities differ, and may be costly
 */
export async function compareSides(
  ours: Side,
  theirs: Side,
  {
    says,
    factsOf,
  }: { readonly says: Says; readonly factsOf: (open: readonly OpenQuantity[]) => Promise<QuantityFacts> },
): Promise<readonly Difference[]> {
  const differences: Difference[] = [...theirs.shifts.values()].map(shiftOf);
  const open = says.quantity ? openQuantities(ours, theirs) : [];
  if (open.length > 0) {
    const facts = await factsOf(open);
    const isConverted = ours.isConverted || theirs.isConverted;
    const settle = (quantity: Decimal): Decimal => settled(isConverted, quantity);
    const late = nameLate(open, (place, day) => facts.late(place, day).map(settle));
    const shifts = nameShifts(late.left);
    const unmapped = nameUnmapped(shifts.left, {
      unmappedPayers: facts.unmappedPayers,
      waiting: (meter, day) => settle(facts.waiting(meter, day)),
    });
    differences.push(...late.differences, ...shifts.differences, ...unmapped.differences);
    differences.push(...nameRest(unmapped.left, ours, theirs));
  }
  differences.push(...nameAmounts(ours, theirs, says));
  return inOrder(differences);
}
