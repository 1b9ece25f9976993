import type { ChangePlace, ChangesPage, ChangesQuery } from "../../domain/usage/changes.ts";
import type { Engine } from "./engine.ts";
import { recordCondition } from "./decisions.ts";
import { overLedger, FINAL } from "./ledger.ts";
import { ENTRY_COLUMNS, entryFromRow, type EntryRow } from "./rows.ts";

const PLACE = "batch, delivery, position, sign";

const tuple = ({ batch, delivery, position, sign }: ChangePlace): string =>
  `(${[batch, delivery, position, sign].join(", ")})`;

function conditionOf({ batches, registrations, of, after }: ChangesQuery): string {
  const [first, last] = [batches[0]!, batches.at(-1)!];
  const delivered =
    of === "own"
      ? `delivery between ${first} and ${last}`
      : "delivery" in of
        ? `delivery = ${of.delivery}`
        : recordCondition(of.record);
  return [
    `registration in (${registrations.join(", ")}) and ${delivered} and batch in (${batches.join(", ")})`,
    ...(after === undefined ? [] : [`(${PLACE}) > ${tuple(after)}`]),
  ].join(" and ");
}

type PlaceRow = [batch: number, delivery: number, position: number, sign: 1 | -1, reportedStartS: number];

/**
 * A page of what batches changed. Where it ends is found first, in a few columns as they are stored; then the entries up to
 * there are read, once each, from the reported times that they are in. A delivery that is long costs little more that way.
 */
export async function changesPage(engine: Engine, query: ChangesQuery): Promise<ChangesPage> {
  const condition = conditionOf(query);
  const { archives = [], limit } = query;
  return await overLedger(engine, { archives, condition }, async ({ once, asStored }) => {
    const places = await engine.query<PlaceRow>(
      "read",
      `select distinct ${PLACE}, toUnixTimestamp(reported_start) from ${asStored}
       where ${condition} order by ${PLACE} limit ${limit}`,
    );
    const end = places.at(-1);
    if (end === undefined) return { entries: [], last: undefined };
    const [batch, delivery, position, sign] = end;
    const last = { batch, delivery, position, sign };
    const times = places.map(([, , , , reportedStartS]) => reportedStartS);
    const [min, max] = times.reduce(
      ([low, high], time) => [Math.min(low!, time), Math.max(high!, time)],
      [times[0]!, times[0]!],
    ) as [number, number];
    const rows = await engine.query<EntryRow>(
      "read",
      `select ${ENTRY_COLUMNS} from ${once}
       where ${condition} and (${PLACE}) <= ${tuple(last)} and reported_start between ${min} and ${max}
       order by ${PLACE} ${FINAL}`,
    );
    return { entries: rows.map(entryFromRow), last: places.length < limit ? undefined : last };
  });
}
