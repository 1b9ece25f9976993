import type { ParkedReason } from "../../statement/classify.ts";
import type { ParkedText } from "../parkedText.ts";

export const ENGLISH_PARKED: Record<ParkedReason, ParkedText> = {
  Conflict: {
    meaning: "A later version of a record whose first version counts.",
    remedy: [
      "See both versions: stampbook usage conflicts list",
      "Choose the one that counts, with a reason: stampbook usage conflicts choose RECORD --content DIGEST --reason REASON",
    ],
  },
  PeriodArchived: {
    meaning:
      "Usage of hours whose month is archived and settled: it is kept and never counted, and whether it is new cannot be told.",
    remedy: [
      "Compare it with the archive of its month before anything is billed by hand, in a period that is still open.",
      "What came by mistake can be taken back with its batch: stampbook usage batches withdraw BATCH --reason REASON",
    ],
  },
  UnknownLocalSubscription: {
    meaning: "Nobody has said which tenant the local subscription belongs to in these hours.",
    remedy: [
      "Say whose it is: stampbook local-subscriptions put {registration} {localSubscription} --tenant TENANT",
      "If it is known from a later hour on only, say so for the earlier hours with --valid-from TIME",
      "Then run the statements of the period again.",
    ],
  },
  UnknownMeter: {
    meaning: "Neither the catalogue nor an operator knows the meter in these hours.",
    remedy: [
      'Add it: stampbook meters add {meter} --name "NAME" --unit UNIT --reason REASON',
      "Say what prices it: stampbook meters map {meter} COMMERCE-METER --factor FACTOR --reason REASON",
      "Then run the statements of the period again.",
    ],
  },
  NoPrice: {
    meaning: "The price sheet has no price for what the meter is priced by.",
    remedy: [
      "Price it by way of a meter that has a price: stampbook meters map {meter} COMMERCE-METER --reason REASON",
      "Or use a price sheet with a price for it; see what there is: stampbook prices",
    ],
  },
};
