import { ChainWalk, type Verification } from "../../domain/audit/chain.ts";
import type { ControlStores } from "../../domain/controlStore.ts";

/** Records that are read at once; memory does not grow with the audit. */
const PAGE_RECORDS = 1_000;

export interface AuditVerification extends Verification {
  /** Number of the record whose hash was asked for; undefined when no record in order has it. */
  readonly headFoundAt: number | undefined;
}

/**
 * Follows the audit from its first record to the last, or to the first one that is not in order.
 * @param head hash of a record, as an earlier verification told it
 */
export async function verifyAudit({ audit }: Pick<ControlStores, "audit">, head?: string): Promise<AuditVerification> {
  const walk = new ChainWalk();
  let headFoundAt: number | undefined;
  for (;;) {
    const entries = await audit.after(walk.result.head.number, PAGE_RECORDS);
    for (const entry of entries) {
      if (!walk.step(entry)) return { ...walk.result, headFoundAt };
      if (entry.hash === head) headFoundAt = entry.number;
    }
    if (entries.length < PAGE_RECORDS) return { ...walk.result, headFoundAt };
  }
}
