import type { Resolver } from "../domain/catalogue/resolver.ts";
import type { CatalogueStore } from "../domain/catalogue/store.ts";

const OWN = { from: "catalogue", ageMs: 0 } as const;

/** Answers from the embedded partner catalogue, and asks upstream only about what it does not know itself. */
export const catalogueResolver = (catalogue: CatalogueStore, upstream?: Resolver): Resolver => ({
  async resolve(subscription) {
    const known = await catalogue.find(subscription);
    if (known !== undefined) return { kind: "found", subscription: known, source: OWN };
    return upstream === undefined ? { kind: "unknown" } : await upstream.resolve(subscription);
  },
  health: () => upstream?.health(),
});
