import { describe, expect, test } from "vitest";
import { type Hour, hourOf, registrationId } from "../../src/domain/ids.ts";
import { parsePeriod } from "../../src/domain/statement/period.ts";
import type { ListedQuery } from "../../src/domain/usage/listed.ts";
import { type ChangesQuery, formatCursor, parseCursor } from "../../src/domain/usage/changes.ts";
import type { RecordRef, StoredEntry, UsageRow, UsageStore } from "../../src/domain/usage/store.ts";
import { parseInstant } from "../../src/lib/instant.ts";
import { BASE_VM, type RowFacts, SUBSCRIPTION_A, SUBSCRIPTION_B, usageRow } from "../support/usageRows.ts";

const HOUR = "2024-02-01T10:00:00Z";
const NEXT = "2024-02-01T11:00:00Z";
const [ONE, TWO] = [registrationId(1), registrationId(2)];
const at = (text: string): number => parseInstant(text)!;
const ODD = "/Resource'); drop table usage_entry; --\t\\n\u001f";

function row({ tags = "", position = 1, ...facts }: RowFacts & { readonly tags?: string; readonly position?: number }) {
  const plain = usageRow(facts);
  const resource = { ...plain.record.resource, tags };
  return { ...plain, position, record: { ...plain.record, resource } } satisfies UsageRow;
}

const ROWS = [
  row({ hour: HOUR, quantity: "1", resource: "/Group/a", tags: `{"env":"prod","n":5}`, position: 1 }),
  row({ hour: HOUR, quantity: "2", resource: "/group/A/disk", tags: `{"env":"test"}`, position: 2 }),
  row({ hour: HOUR, quantity: "4", resource: "/group/ab", localSubscription: SUBSCRIPTION_B, position: 3 }),
  row({ hour: HOUR, quantity: "8", registration: 2, batch: 2 }),
  row({ hour: NEXT, quantity: "16", meter: BASE_VM, position: 4 }),
  row({ hour: HOUR, quantity: "32", resource: ODD, tags: `{"a'b\\"c":"x\\ty"}`, reportedAfterHours: 900, position: 5 }),
  row({ hour: HOUR, quantity: "64", event: "e1", position: 6 }),
  row({ hour: HOUR, quantity: "128", resource: "/Group/a", held: "conflict", batch: 3 }),
  row({ hour: "2024-05-01T00:00:00Z", quantity: "256", batch: 3, position: 2 }),
];

/** Usage record by record. */
export function usageListSuite(name: string, openEmpty: () => Promise<UsageStore>): void {
  describe(`${name}: lists`, () => {
    test("records come in one order, whole or one by one, narrowed by anything, each version that counts or waits", async () => {
      const store = await openEmpty();
      await store.append(ROWS);
      // As after a crash.
      await store.append(ROWS.slice(0, 4));
      const query: ListedQuery = {
        from: parsePeriod("2024-01").from,
        to: parsePeriod("2024-07").to,
        lastBatch: 10,
        registrations: [ONE, TWO],
        segments: [],
        limit: 100,
      };
      const quantities = async (of: Partial<ListedQuery>) =>
        (await store.listed({ ...query, ...of })).map(({ quantity }) => Number(quantity)).toSorted((a, b) => a - b);
      expect(await quantities({})).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256]);
      expect(await quantities({ lastBatch: 1 })).toEqual([1, 2, 4, 16, 32, 64]);
      expect(await quantities({ to: hourOf(at(NEXT)) })).toEqual([1, 2, 4, 8, 32, 64, 128]);
      expect(await quantities({ registrations: [TWO] })).toEqual([8]);
      expect(await quantities({ registrations: [] })).toEqual([]);
      expect(await quantities({ localSubscription: SUBSCRIPTION_B })).toEqual([4]);
      expect(await quantities({ meter: BASE_VM })).toEqual([16]);
      expect(await quantities({ resource: "/GROUP/A" })).toEqual([1, 2, 128]);
      expect(await quantities({ resource: "/group" })).toEqual([1, 2, 4, 128]);
      expect(await quantities({ resource: ODD.toUpperCase() })).toEqual([32]);
      expect(await quantities({ tag: { name: "env" } })).toEqual([1, 2]);
      expect(await quantities({ tag: { name: "env", value: "test" } })).toEqual([2]);
      expect(await quantities({ tag: { name: "n", value: "5" } })).toEqual([1]);
      expect(await quantities({ tag: { name: `a'b"c`, value: "x\ty" } })).toEqual([32]);
      expect(await quantities({ tag: { name: "env" }, resource: "/group/a/disk" })).toEqual([2]);
      const part = { registration: ONE, localSubscription: SUBSCRIPTION_A };
      const segments = [
        { ...part, from: 0 as Hour, to: hourOf(at(NEXT)) },
        { ...part, from: hourOf(at(NEXT)) + 1, to: query.to } as { from: Hour; to: Hour } & typeof part,
      ];
      expect(await quantities({ registrations: [], segments })).toEqual([1, 2, 32, 64, 128, 256]);
      expect(await quantities({ registrations: [TWO], segments: segments.slice(0, 1) })).toEqual([
        1, 2, 8, 32, 64, 128,
      ]);
      for (const of of [{}, { registrations: [TWO], segments }]) {
        const whole = await store.listed({ ...query, ...of });
        const single = [];
        for (let [one] = await store.listed({ ...query, ...of, limit: 1 }); one !== undefined; ) {
          single.push(one);
          [one] = await store.listed({ ...query, ...of, limit: 1, after: one });
        }
        expect(single).toEqual(whole);
      }
      const [first] = (await store.listed(query)).filter(({ quantity }) => quantity === "32");
      expect(first).toMatchObject({ resourceUri: ODD, held: "no", delivery: 1, position: 5, decision: 0 });
      expect(first!.acceptedAtMs).toBe(ROWS[5]!.acceptedAtMs);
      await store.withdraw({ registration: ONE, decision: 4, delivery: 1, atMs: at("2024-02-05T00:00:00Z") });
      expect(await quantities({})).toEqual([8, 128, 256]);
      expect(await quantities({ lastBatch: 3 })).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256]);
      await store.close();
    });

    test("what batches changed comes in the order of the ledger, whole or one by one, and adds up to what is stored", async () => {
      const store = await openEmpty();
      await store.append(ROWS);
      await store.append(ROWS.slice(0, 4));
      await store.withdraw({ registration: TWO, decision: 4, delivery: 2, atMs: at("2024-02-05T00:00:00Z") });
      const [conflict] = (await store.conflicts({ limit: 9 })) as [RecordRef];
      const chosen = ROWS[7]!.identity.content;
      await store.choose({ registration: ONE, decision: 5, atMs: 9_000, record: conflict, content: chosen });
      const all: readonly ChangesQuery[] = [
        { batches: [1, 2, 3], registrations: [ONE, TWO], of: "own", limit: 100 },
        { batches: [4], registrations: [TWO], of: { delivery: 2 }, limit: 100 },
        { batches: [5], registrations: [ONE], of: { record: conflict }, limit: 100 },
      ];
      const told: StoredEntry[] = [];
      for (const query of all) {
        const { entries, last } = await store.changes(query);
        expect(last).toBeUndefined();
        const single: StoredEntry[] = [];
        for (let page = await store.changes({ ...query, limit: 1 }); page.last !== undefined; ) {
          single.push(...page.entries);
          page = await store.changes({ ...query, limit: 1, after: page.last });
        }
        expect(single).toEqual(entries);
        told.push(...entries);
      }
      const entries = told.map((entry) => `${formatCursor(entry)} ${entry.quantity} ${entry.held}`);
      expect(entries.join("; ")).toBe(
        "1.1.1.add 1 no; 1.1.2.add 2 no; 1.1.3.add 4 no; 1.1.4.add 16 no; 1.1.5.add 32 no; 1.1.6.add 64 no; " +
          "2.2.1.add 8 no; 3.3.1.add 128 conflict; 3.3.2.add 256 no; 4.2.1.end -8 no; " +
          "5.1.1.end -1 no; 5.3.1.end -128 conflict; 5.3.1.add 128 no",
      );
      expect(told.every((entry) => formatCursor(parseCursor(formatCursor(entry))!) === formatCursor(entry))).toBe(true);
      const scope = { from: 0 as Hour, to: parsePeriod("2024-07").to, lastBatch: 10 };
      const stored = (await store.stored(scope)).reduce((sum, { quantity }) => sum + Number(quantity), 0);
      expect(told.reduce((sum, { quantity }) => sum + Number(quantity), 0)).toBe(stored);
      await store.close();
    });
  });
}
