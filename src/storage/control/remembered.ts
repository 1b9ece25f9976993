import { LRUCache } from "lru-cache";
import type { ControlStores } from "../../domain/controlStore.ts";

/** Answers that are remembered at once: a few hundred bytes each. */
const ANSWERS_MAX = 20_000;

type Read = (...args: never[]) => Promise<unknown>;

/**
 * The stores with the look-ups of ARM's front door remembered: each call asks for the same subscription, group, locks
 * and roles again. All is forgotten at the next write, so an answer is never older than what is stored.
 * @param writes how many writes there have been; whoever writes to the database without counting breaks this
 */
export function remembered(stores: ControlStores, writes: () => number): ControlStores {
  const answers = new LRUCache<string, { readonly answer: unknown }>({ max: ANSWERS_MAX });
  let writesSeen = writes();
  const remember = <Method extends Read>(name: string, read: Method): Method =>
    (async (...args: never[]) => {
      if (writesSeen !== writes()) {
        answers.clear();
        writesSeen = writes();
      }
      const key = `${name} ${JSON.stringify(args)}`;
      const known = answers.get(key);
      if (known !== undefined) return known.answer;
      const before = writesSeen;
      const answer = await read(...args);
      // A write that came in between may have made it old already.
      if (before === writes() && before === writesSeen) answers.set(key, { answer });
      return answer;
    }) as Method;
  const { registrations, tenancy, catalogue, resourceGroups, locks, providers, roleAssignments } = stores;
  return {
    ...stores,
    registrations: { ...registrations, find: remember("registration", registrations.find) },
    tenancy: { ...tenancy, findCurrent: remember("mapping", tenancy.findCurrent) },
    catalogue: { ...catalogue, find: remember("subscription", catalogue.find) },
    resourceGroups: { ...resourceGroups, find: remember("group", resourceGroups.find) },
    locks: { ...locks, at: remember("locks", locks.at) },
    providers: { ...providers, isRegistered: remember("provider", providers.isRegistered) },
    roleAssignments: { ...roleAssignments, ofPrincipal: remember("roles", roleAssignments.ofPrincipal) },
  };
}
