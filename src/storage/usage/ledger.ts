import type { ArchivedMonth } from "../../domain/usage/archive.ts";
import type { UsageScope } from "../../domain/usage/store.ts";
import type { Engine } from "./engine.ts";
import { hourSeconds, USAGE_ENTRY, VERSION } from "./entries.ts";
import { LEDGER_STRUCTURE } from "./parquet.ts";

/** Table expressions over the ledger. */
export interface Ledger {
  /** Every entry once. */
  readonly once: string;
  /** Entries that were stored again after a crash may come twice. */
  readonly asStored: string;
}

/**
 * Versions that count or wait, once each, of which a condition holds.
 * @param hasEnds whether any of them may have been ended; where it is known that none was, nothing is compared
 */
export const standing = ({ once, asStored }: Ledger, condition: string, hasEnds = true): string =>
  `(select * from ${once} where ${condition} and sign = 1 ${
    hasEnds
      ? `and (${VERSION}, decision) not in (select ${VERSION}, ended from ${asStored} where ${condition} and sign = -1)`
      : ""
  })`;

const STORED: Ledger = { once: "usage_entry final", asStored: "usage_entry" };

/** FINAL makes rows that repeat after a crash count once; equal keys share a partition, so partitions stay apart. */
export const FINAL = "settings do_not_merge_across_partitions_select_final = 1";

/** The archives of a scope that hold hours of it. */
export const archivesIn = ({ archives = [], from, to }: UsageScope): readonly ArchivedMonth[] =>
  archives.filter((archive) => archive.from < to && from < archive.to);

const inMonth = ({ from, to }: Pick<ArchivedMonth, "from" | "to">): string =>
  `(usage_start >= ${hourSeconds(from)} and usage_start < ${hourSeconds(to)})`;

/**
 * Runs `use` over the ledger together with archived months.
 * @param condition which rows are wanted; rows of archives that do not meet it are left where they are
 */
export async function overLedger<Result>(
  engine: Engine,
  { archives, condition }: { readonly archives: readonly ArchivedMonth[]; readonly condition: string },
  use: (ledger: Ledger) => Promise<Result>,
): Promise<Result> {
  if (archives.length === 0) return await use(STORED);
  // What an archive holds counts from there, also where it is not gone from the store yet.
  const stored = `not ((${archives.map(inMonth).join(" or ")}) and held != 'archived')`;
  const rows = { paths: archives.map(({ path }) => path), structure: LEDGER_STRUCTURE, condition };
  return await engine.overParquet(rows, async (table) => {
    const both = `(select ${USAGE_ENTRY.columns} from usage_entry final where ${stored} and (${condition})
      union all select ${USAGE_ENTRY.columns} from ${table})`;
    return await use({ once: both, asStored: both });
  });
}
