import { type Registration, registrationResourceId } from "../../domain/registration/registration.ts";
import { localSubscriptionChanges, type StatedLocalSubscription } from "../../domain/usage/localSubscription.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";

/**
 * Records what a stamp says of its local subscriptions, all of it or nothing; what is so already changes nothing.
 * @returns how many changes that came to
 */
export async function putLocalSubscriptions(
  { control, clock }: Context,
  caller: Caller,
  registration: Registration,
  stated: readonly StatedLocalSubscription[],
): Promise<number> {
  const atMs = clock.now();
  return await control.transaction(async ({ localSubscriptions, audit }) => {
    const named = stated.map((so) => so.localSubscription);
    const known = await localSubscriptions.changesOf(registration.id, named);
    const changes = localSubscriptionChanges(stated, known, { atMs, by: caller.name });
    if (changes.length === 0) return 0;
    await localSubscriptions.add(changes);
    const before = new Set(known.map((so) => so.localSubscription));
    const after = new Set(changes.map((so) => so.localSubscription));
    await audit.add({
      ...auditedBy(caller, atMs),
      action: "Stampbook/localSubscriptions/write",
      target: registrationResourceId(registration),
      outcome: "done",
      detail: { given: stated.length, added: after.difference(before).size, changes: changes.length },
    });
    return changes.length;
  });
}
