import { BEGINNING, type EffectiveChange, History, nextEffectiveHour } from "../history.ts";
import { type Hour, hourFrom, type LocalSubscriptionId, type RegistrationId, type TenantId } from "../ids.ts";

/** A subscription on a stamp and the tenant it belongs to (contract/usage.md §6). */
export interface LocalSubscription {
  readonly registration: RegistrationId;
  readonly localSubscription: LocalSubscriptionId;
  readonly tenant: TenantId;
  /** Whoever the stamp says owns it, and under which of its offers; empty where it does not say. */
  readonly owner: string;
  readonly offer: string;
  readonly displayName: string;
  /** In the stamp's words; "Deleted" once it is gone there. It is kept here. */
  readonly state: string;
}

/** From an hour on, a local subscription is so. */
export interface LocalSubscriptionChange extends EffectiveChange, LocalSubscription {}

/** What somebody says of a local subscription: from when on, unless it is from the next whole hour on. */
export interface StatedLocalSubscription extends LocalSubscription {
  readonly validFromMs: number | undefined;
}

const contentOf = ({ tenant, owner, offer, displayName, state }: LocalSubscription): string =>
  JSON.stringify([tenant, owner, offer, displayName, state]);

/**
 * The changes that statements about local subscriptions of one registration come to; what is so already is none. A
 * subscription that was never seen counts from the beginning unless its hour is given, so that its usage of earlier
 * hours does not wait.
 * @param stated in order: a later one about the same subscription builds on an earlier one
 * @param known every change of the subscriptions that are stated
 */
export function localSubscriptionChanges(
  stated: readonly StatedLocalSubscription[],
  known: readonly LocalSubscriptionChange[],
  { atMs, by }: { readonly atMs: number; readonly by: string },
): readonly Omit<LocalSubscriptionChange, "id">[] {
  const histories = new Map(
    [...Map.groupBy(known, (change) => change.localSubscription)].map(
      ([id, own]) => [id, new History<Omit<LocalSubscriptionChange, "id">>(own)] as const,
    ),
  );
  const changes: Omit<LocalSubscriptionChange, "id">[] = [];
  for (const { validFromMs, ...so } of stated) {
    const history = histories.get(so.localSubscription) ?? new History<Omit<LocalSubscriptionChange, "id">>([]);
    histories.set(so.localSubscription, history);
    const effectiveHour = validFromMs === undefined ? unsaidHour(history.last, atMs) : hourFrom(validFromMs);
    const before = history.at(effectiveHour);
    if (before !== undefined && contentOf(before) === contentOf(so)) continue;
    const change = { ...so, effectiveHour, recordedAtMs: atMs, recordedBy: by };
    history.add(change);
    changes.push(change);
  }
  return changes;
}

const unsaidHour = (last: Pick<EffectiveChange, "effectiveHour"> | undefined, atMs: number): Hour =>
  last === undefined ? BEGINNING : nextEffectiveHour(last.effectiveHour, hourFrom(atMs));

interface Page {
  readonly after: string;
  readonly limit: number;
}

export interface LocalSubscriptionStore {
  add(changes: readonly Omit<LocalSubscriptionChange, "id">[]): Promise<void>;
  /** Every change of some local subscriptions of a registration. */
  changesOf(
    registration: RegistrationId,
    localSubscriptions: Iterable<LocalSubscriptionId>,
  ): Promise<readonly LocalSubscriptionChange[]>;
  /**
   * Every change recorded up to and including an instant, by local subscription.
   * @param of `registrations`: of those from the first to the last of these only
   */
  changes(of: {
    readonly recordedUntilMs: number;
    readonly registrations?: readonly [first: RegistrationId, last: RegistrationId];
  }): Promise<readonly LocalSubscriptionChange[]>;
  /** How many local subscriptions each registration ever had; those that had none are left out. */
  counts(): Promise<ReadonlyMap<RegistrationId, number>>;
  /** What counted in an hour as it was known at an instant; ordered by local subscription, from after `after`. */
  page(
    of: { readonly registration: RegistrationId; readonly recordedUntilMs: number; readonly hour: Hour },
    page: Page,
  ): Promise<readonly LocalSubscriptionChange[]>;
  /** The changes of one local subscription in the order of recording, from after the change `after`. */
  history(
    of: {
      readonly registration: RegistrationId;
      readonly localSubscription: LocalSubscriptionId;
      readonly recordedUntilMs: number;
    },
    page: { readonly after: number; readonly limit: number },
  ): Promise<readonly LocalSubscriptionChange[]>;
  /** The first hour that each of these is known in; those that nobody knows are left out. */
  firstHours(
    registration: RegistrationId,
    localSubscriptions: Iterable<LocalSubscriptionId>,
  ): Promise<ReadonlyMap<LocalSubscriptionId, Hour>>;
}
