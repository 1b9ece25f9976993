import { type Registration, registrationResourceId } from "../../domain/registration/registration.ts";
import type { LocalSubscription } from "../../domain/usage/localSubscription.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";

/** Adds or changes local subscriptions of a stamp, all of them or none; what is known already changes nothing. */
export async function putLocalSubscriptions(
  { control, clock }: Context,
  caller: Caller,
  registration: Registration,
  subscriptions: readonly LocalSubscription[],
): Promise<void> {
  const atMs = clock.now();
  await control.transaction(async ({ localSubscriptions, audit }) => {
    const before = (await localSubscriptions.list({ registration: registration.id })).length;
    const { added, changed } = await localSubscriptions.put(subscriptions, atMs);
    if (added + changed === 0) return;
    await audit.add({
      ...auditedBy(caller, atMs),
      action: "Stampbook/localSubscriptions/write",
      target: registrationResourceId(registration),
      outcome: "done",
      detail: { given: subscriptions.length, before, after: before + added, added, changed },
    });
  });
}
