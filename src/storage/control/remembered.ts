import { LRUCache } from "lru-cache";
import type { ControlStores } from "../../domain/controlStore.ts";

/** Answers that are remembered at once: a few hundred bytes each. */
const ANSWERS_MAX = 20_000;

/**
 * The stores with the look-ups of ARM's front door remembered: each call asks for the same subscription, group, locks
 * and roles again. All is forgotten at the next write, so an answer is never older than what is stored.
 * @param writes how many writes there have been; whoever writes to the database without counting breaks this
 */
export function remembered(stores: ControlStores, writes: () => number): ControlStores {
  const answers = new LRUCache<string, { readonly answer: unknown }>({ max: ANSWERS_MAX });
  let writesSeen = writes();
  const remember =
    <Args extends readonly unknown[], Answer>(name: string, read: (...args: Args) => Promise<Answer>) =>
    async (...args: Args): Promise<Answer> => {
      if (writesSeen !== writes()) {
        answers.clear();
        writesSeen = writes();
      }
      const key = `${name} ${JSON.stringify(args)}`;
      const known = answers.get(key);
      if (known !== undefined) return known.answer as Answer;
      const before = writesSeen;
      const answer = await read(...args);
      // A write that came in between may have made it old already.
      if (before === writes() && before === writesSeen) answers.set(key, { answer });
      return answer;
    };
  const { registrations, tenancy, catalogue, resourceGroups, locks, providers, roleAssignments } = stores;
  const rolesOf = remember("roles", (objectId: string, issuer: string | null) =>
    roleAssignments.ofPrincipal({ objectId, issuer }),
  );
  return {
    ...stores,
    registrations: {
      ...registrations,
      find: remember("registration", (...args: Parameters<typeof registrations.find>) => registrations.find(...args)),
    },
    tenancy: {
      ...tenancy,
      findCurrent: remember("mapping", (...args: Parameters<typeof tenancy.findCurrent>) =>
        tenancy.findCurrent(...args),
      ),
    },
    catalogue: {
      ...catalogue,
      find: remember("subscription", (...args: Parameters<typeof catalogue.find>) => catalogue.find(...args)),
    },
    resourceGroups: {
      ...resourceGroups,
      find: remember("group", (...args: Parameters<typeof resourceGroups.find>) => resourceGroups.find(...args)),
    },
    locks: { ...locks, at: remember("locks", (...args: Parameters<typeof locks.at>) => locks.at(...args)) },
    providers: {
      ...providers,
      isRegistered: remember("provider", (...args: Parameters<typeof providers.isRegistered>) =>
        providers.isRegistered(...args),
      ),
    },
    roleAssignments: {
      ...roleAssignments,
      ofPrincipal: ({ objectId, issuer }) => rolesOf(objectId, issuer),
    },
  };
}
