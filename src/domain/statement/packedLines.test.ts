import fc from "fast-check";
import { expect, test } from "vitest";
import { registrationId } from "../ids.ts";
import { ownText, type PackedLine, packedLine } from "./packedLines.ts";

// Goal: lines are kept as JSON would tell them. Method: random figures; what repeats the one before it is told as null.

const figure = fc.stringMatching(/^-?\d{1,20}(\.\d{1,20})?$/);

test("the text of a packed line is its JSON", () => {
  const lines = fc.record({
    quantity: figure,
    pricedQuantity: figure,
    pricedAmount: figure,
    amount: figure,
    records: fc.nat(),
    registration: fc.integer({ min: 1, max: 99 }).map(registrationId),
  });
  fc.assert(
    fc.property(lines, fc.boolean(), (own, isSame) => {
      const line = packedLine(7, isSame ? { ...own, pricedQuantity: own.quantity, amount: own.pricedAmount } : own);
      expect(`[7,${ownText(line)}]`).toBe(JSON.stringify(line));
      const told = JSON.parse(`[7,${ownText(line)}]`) as PackedLine;
      expect([told[3] ?? told[2], told[5] ?? told[4]]).toEqual(
        isSame ? [own.quantity, own.pricedAmount] : [own.pricedQuantity, own.amount],
      );
    }),
  );
});
