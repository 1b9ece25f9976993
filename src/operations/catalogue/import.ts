import type { ControlStores } from "../../domain/controlStore.ts";
import { type CatalogueSubscription, sameContent } from "../../domain/catalogue/subscription.ts";
import { type Fault, isFault } from "../../domain/faults/fault.ts";
import { LIMITS } from "../../domain/limits.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";
import { type CatalogueFormat, type CatalogueRow, catalogueRowsOf } from "./rows.ts";

export const ROW_OUTCOMES = ["added", "changed", "unchanged", "rejected"] as const;
export type RowOutcome = (typeof ROW_OUTCOMES)[number];

export interface RowResult {
  readonly position: number;
  readonly subscription: string | null;
  readonly outcome: RowOutcome;
  /** Of a rejected row. */
  readonly fault?: Fault;
}

export interface ImportResult {
  readonly counts: Readonly<Record<RowOutcome, number>>;
  /** The first ones, in the order of the body; the others are counted. */
  readonly rows: readonly RowResult[];
  readonly rowsOmitted: number;
  /** Why the body was not read to its end. What is told of its rows holds. */
  readonly fault?: Fault;
}

/**
 * Puts the rows of a body into the catalogue, each for itself: wrong ones are rejected, and those that say nothing new
 * change nothing. What is answered is durable. Holds one piece of rows at a time.
 */
export async function importCatalogue(
  context: Context,
  caller: Caller,
  { body, format }: { readonly body: AsyncIterable<Buffer>; readonly format: CatalogueFormat },
): Promise<ImportResult> {
  const counts: Record<RowOutcome, number> = { added: 0, changed: 0, unchanged: 0, rejected: 0 };
  const listed: RowResult[] = [];
  const told = () => ({
    counts,
    rows: listed,
    rowsOmitted: Object.values(counts).reduce((a, b) => a + b) - listed.length,
  });
  let piece: CatalogueRow[] = [];
  const store = async (): Promise<void> => {
    const results = await putRows(context, caller, piece);
    piece = [];
    for (const result of results) {
      counts[result.outcome] += 1;
      if (listed.length < LIMITS.importRowsMax) listed.push(result);
    }
  };
  try {
    for await (const rows of catalogueRowsOf(body, format)) {
      for (const row of rows) {
        piece.push(row);
        if (piece.length >= LIMITS.cataloguePieceRowsMax) await store();
      }
    }
    await store();
    return told();
  } catch (error) {
    if (!isFault(error)) throw error;
    await store();
    return { ...told(), fault: error };
  }
}

async function putRows(
  { control, clock }: Context,
  caller: Caller,
  rows: readonly CatalogueRow[],
): Promise<readonly RowResult[]> {
  if (rows.every(({ entry }) => isFault(entry))) return rows.map((row) => resultOf(row, "rejected"));
  return await control.transaction(async (stores) => {
    const entries = rows.flatMap(({ entry }) => (isFault(entry) ? [] : [entry]));
    const outcomes = await putEntries(stores, caller, clock.now(), entries);
    let at = 0;
    return rows.map((row) => resultOf(row, isFault(row.entry) ? "rejected" : outcomes[at++]!));
  });
}

const resultOf = ({ position, subscription, entry }: CatalogueRow, outcome: RowOutcome): RowResult => ({
  position,
  subscription: isFault(entry) ? subscription : entry.subscription,
  outcome,
  ...(isFault(entry) ? { fault: entry } : {}),
});

/** Puts entries in their order and says what each did; those that say nothing new leave no trace. */
export async function putEntries(
  { catalogue, audit }: ControlStores,
  caller: Caller,
  atMs: number,
  entries: readonly CatalogueSubscription[],
): Promise<readonly Exclude<RowOutcome, "rejected">[]> {
  const found = await catalogue.findMany([...new Set(entries.map(({ subscription }) => subscription))]);
  const known = new Map(found.map((so) => [so.subscription, so]));
  const news: CatalogueSubscription[] = [];
  const outcomes = entries.map((entry) => {
    const before = known.get(entry.subscription);
    if (before !== undefined && sameContent(before, entry)) return "unchanged" as const;
    known.set(entry.subscription, entry);
    news.push(entry);
    return before === undefined ? ("added" as const) : ("changed" as const);
  });
  if (news.length === 0) return outcomes;
  await catalogue.put(news, atMs, caller.name);
  await audit.add({
    ...auditedBy(caller, atMs),
    action: "Stampbook/catalogue/write",
    target: news.length === 1 ? `/v1/catalogue/subscriptions/${news[0]!.subscription}` : "/v1/catalogue/subscriptions",
    outcome: "done",
    detail: {
      added: outcomes.filter((so) => so === "added").length,
      changed: outcomes.filter((so) => so === "changed").length,
    },
  });
  return outcomes;
}
