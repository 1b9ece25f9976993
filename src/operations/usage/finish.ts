import { LIMITS } from "../../domain/limits.ts";
import { type Registration, registrationResourceId } from "../../domain/registration/registration.ts";
import type { IntakeCounts } from "../../domain/usage/batch.ts";
import { faultPoint } from "../../lib/faultPoint.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";
import { finishDecisions } from "./decide.ts";
import { usageLock } from "./usageLock.ts";

/** A delivery of which nothing comes any more. */
export interface EndedDelivery {
  readonly batch: number;
  readonly counts: IntakeCounts;
  /** The engine gave no answer to an insert, which may still be under way. */
  readonly isBrokenOff: boolean;
  readonly caller: Caller;
  readonly registration: Registration;
}

/**
 * Deliveries whose batch row could not be finished, because the control store did not take it. Until it is, nothing that
 * came after them counts, so they are finished later. After the process they are known as abandoned (abandoned.ts).
 */
export class LeftDeliveries {
  readonly #left = new Map<number, EndedDelivery>();

  /** One that is too many is not remembered: it ends with the next start. */
  add(delivery: EndedDelivery): void {
    if (this.#left.size < LIMITS.leftDeliveriesMax) this.#left.set(delivery.batch, delivery);
  }

  forget({ batch }: EndedDelivery): void {
    this.#left.delete(batch);
  }

  list(): readonly EndedDelivery[] {
    return [...this.#left.values()];
  }
}

type FinishContext = Pick<Context, "control" | "clock" | "leftDeliveries">;

/**
 * One audit record for a delivery, whatever became of it; why it was refused is in the record of the refusal. What cannot
 * be written now is written later by `finishLeft`.
 */
export async function finishDelivery(context: FinishContext, delivery: EndedDelivery): Promise<void> {
  try {
    await write(context, delivery);
  } catch (error) {
    context.leftDeliveries.add(delivery);
    throw error;
  }
  faultPoint("intake: batch finished");
}

async function write(
  { control, clock }: FinishContext,
  { batch, counts, isBrokenOff, caller, registration }: EndedDelivery,
): Promise<void> {
  const atMs = clock.now();
  await control.transaction(async ({ batches, audit }) => {
    await batches.finish(batch, counts, atMs, isBrokenOff);
    await audit.add({
      ...auditedBy(caller, atMs),
      action: "Stampbook/usage/write",
      target: registrationResourceId(registration),
      outcome: "done",
      detail: { batch, ...counts },
    });
  });
}

/**
 * Finishes what this process began and could not finish: deliveries that are stored and not written down as ended, and
 * decisions that broke off. Each of them keeps all later usage from being counted.
 * @param failed told why one of them is still left; the others are finished all the same
 * @returns how many were finished
 */
export async function finishLeft(context: Context, failed: (error: unknown) => void): Promise<number> {
  let finished = 0;
  const attempt = async (finish: () => Promise<number>): Promise<void> => {
    try {
      finished += await finish();
    } catch (error) {
      failed(error);
    }
  };
  for (const delivery of context.leftDeliveries.list()) {
    await attempt(async () => {
      await write(context, delivery);
      context.leftDeliveries.forget(delivery);
      return 1;
    });
  }
  const decisions = await context.control.batches.unfinishedDecisions();
  for (const registration of new Set(decisions.map((decision) => decision.registration))) {
    // Whoever is carrying one out holds this lock, so what is unfinished once it is free has broken off.
    await attempt(() => context.locks.run(usageLock(registration), () => finishDecisions(context, registration)));
  }
  return finished;
}
