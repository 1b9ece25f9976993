import type { KnownSubscription } from "../domain/bridge/stampState.ts";
import { localSubscriptionId, tenantId } from "../domain/ids.ts";
import { trying, type WindowSource } from "./readWindow.ts";
import { Trouble } from "./trouble.ts";

export interface Listing {
  readonly subscriptions: readonly KnownSubscription[];
  /** Rows without an id or a tenant that is a GUID; the server could not take them. */
  readonly unreadable: number;
}

const PAGES_MAX = 10_000;

/** The stamp's local subscriptions, whosoever they are. @throws Trouble */
export async function listLocalSubscriptions(source: WindowSource): Promise<Listing> {
  const provider = `/subscriptions/${encodeURIComponent(source.providerSubscription)}/providers`;
  let link: string | undefined = `${provider}/Microsoft.Subscriptions.Admin/subscriptions?api-version=2015-11-01`;
  const subscriptions: KnownSubscription[] = [];
  let unreadable = 0;
  for (let pages = 0; link !== undefined; pages += 1) {
    if (pages === PAGES_MAX) throw new Trouble("refused", `the list of subscriptions has more than ${PAGES_MAX} pages`);
    const page: Page = await readPage(source, link);
    for (const row of page.value) {
      const known = knownIn(row);
      if (known === undefined) unreadable += 1;
      else subscriptions.push(known);
    }
    link = page.nextLink;
  }
  return { subscriptions, unreadable };
}

interface Page {
  readonly value: readonly unknown[];
  readonly nextLink: string | undefined;
}

async function readPage(source: WindowSource, link: string): Promise<Page> {
  return await trying(source, async () => {
    const body = await source.client.get(link);
    try {
      const { value, nextLink } = JSON.parse(body.toString("utf8")) as { value: unknown; nextLink?: unknown };
      if (Array.isArray(value)) {
        return { value, nextLink: typeof nextLink === "string" && nextLink !== "" ? nextLink : undefined };
      }
    } catch {
      // Said below.
    }
    throw new Trouble("broken-body", "the stamp's answer is not a whole list of subscriptions");
  });
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

function knownIn(row: unknown): KnownSubscription | undefined {
  const so = (row ?? {}) as Readonly<Record<string, unknown>>;
  const localSubscription = localSubscriptionId(textOf(so["subscriptionId"]));
  const tenant = tenantId(textOf(so["tenantId"]));
  if (localSubscription === undefined || tenant === undefined) return undefined;
  return {
    localSubscription,
    tenant,
    owner: textOf(so["owner"]),
    // The last part of an offer's id is its name.
    offer: textOf(so["offerId"]).split("/").at(-1)!,
    displayName: textOf(so["displayName"]),
    state: textOf(so["state"]) || "Enabled",
  };
}
