import { describe, expect, test } from "vitest";
import type { Refused } from "../../src/client/client.ts";
import type { UsageChangeInfo } from "../../src/client/usageTypes.ts";
import { registrationId } from "../../src/domain/ids.ts";
import { add, decimal, formatDecimal, ZERO } from "../../src/lib/decimal.ts";
import { askAs } from "../support/askAs.ts";
import { mustClose } from "../support/temporary.ts";
import {
  asPage,
  hubPage,
  hubRecord,
  ids,
  openStampbook,
  registerNorth,
  type TestStampbook,
  windowAfter,
} from "../support/world.ts";

// Goal: whoever follows the feed of changes has what the store has, to the last digit, whatever was written meanwhile,
// withdrawn, chosen or broken off, and across restarts. Method: real stores and routes; a copy that is kept by the feed.

const HOUR = "2024-02-10T10:00:00Z";

const take = (client: TestStampbook["client"], records: readonly string[], hour = HOUR) =>
  client.takeIn("north", asPage(hubPage(records)), windowAfter(hour));

/** Follows the feed, and may be told an entry twice. */
class Copy {
  readonly entries = new Map<string, UsageChangeInfo>();
  readonly order: string[] = [];
  cursor: string | undefined;

  /** @returns how many entries were new to it */
  async follow({ client }: Pick<TestStampbook, "client">, limit = 7): Promise<number> {
    const before = this.entries.size;
    for (let more = true; more; ) {
      const of = { limit, ...(this.cursor === undefined ? {} : { cursor: this.cursor }) };
      const page = await client.usage.changes(of);
      expect(page.value.length).toBeLessThanOrEqual(limit);
      for (const entry of page.value) {
        this.entries.set(entry.entry, entry);
        this.order.push(entry.entry);
      }
      ({ cursor: this.cursor, more } = page);
    }
    return this.entries.size - before;
  }

  sum(counts: boolean): string {
    const wanted = [...this.entries.values()].filter((entry) => !counts || entry.counts);
    return formatDecimal(wanted.reduce((sum, { quantity }) => add(sum, decimal(quantity)), ZERO));
  }
}

const totalOf = async ({ client }: Pick<TestStampbook, "client">): Promise<string> => {
  const { value } = await client.totals.page({ period: "2024-02" });
  return formatDecimal(value.reduce((sum, { quantity }) => add(sum, decimal(quantity)), ZERO));
};
const storedOf = async ({ client }: Pick<TestStampbook, "client">): Promise<string> => {
  const { value } = await client.totals.conservation("2024-02");
  return formatDecimal(value.reduce((sum, { stored }) => add(sum, decimal(stored.quantity)), ZERO));
};

describe("the feed of changes", () => {
  test("replayed beside writers and withdrawals, with a restart in the middle, it is the store", async () => {
    let stampbook = await openStampbook({ now: "2024-03-05T12:00:00Z" });
    await registerNorth(stampbook);
    const { folder } = stampbook;
    const copy = new Copy();
    const write = async (n: number): Promise<void> => {
      const { client } = stampbook;
      const hour = `2024-02-${String(1 + (n % 9)).padStart(2, "0")}T0${n % 10}:00:00Z`;
      const quantity = `${n + 1}.${"0".repeat(n % 20)}1`;
      const records = [1, 2, 3].map((i) => hubRecord({ hour, quantity, resource: `/r${n}-${i}` }));
      // Every third delivery brings later versions of the one before, too.
      const again = n % 3 === 2 ? [hubRecord({ hour, quantity: "7", resource: `/r${n}-1` })] : [];
      await take(client, records, hour);
      if (again.length > 0) await take(client, again, hour);
    };
    for (const from of [0, 8]) {
      const writing = [0, 1].map(async (writer) => {
        for (let n = from + writer; n < from + 8; n += 2) await write(n);
        const [batch] = (await stampbook.client.ledger.batches({ limit: 9 })).filter(
          ({ kind, withdrawnBy, finishedAt }) => kind === "delivery" && withdrawnBy === null && finishedAt !== null,
        );
        await stampbook.client.ledger.withdraw(batch!.batch, "sent twice");
      });
      await copy.follow(stampbook, 2);
      await Promise.all(writing);
      for (const { record, versions } of await stampbook.client.ledger.conflicts()) {
        await stampbook.client.ledger.choose(record, versions.at(-1)!.content, "read again");
      }
      if (from === 0) {
        await stampbook.close();
        stampbook = await openStampbook({ now: "2024-03-05T13:00:00Z", folder });
      }
    }
    await copy.follow(stampbook);
    expect(new Set(copy.order).size).toBe(copy.order.length);
    expect(copy.sum(true)).toBe(await totalOf(stampbook));
    expect(copy.sum(false)).toBe(await storedOf(stampbook));
    expect(await copy.follow(stampbook)).toBe(0);
    const anew = new Copy();
    await anew.follow(stampbook, 1_000);
    expect(anew.order).toEqual(copy.order);
    expect([...anew.entries.values()]).toEqual([...copy.entries.values()]);
    await stampbook.close();
  });

  test("it waits for a batch that is coming in or broke off lately, however many later ones are complete", async () => {
    const stampbook = await openStampbook({ now: "2024-03-05T12:00:00Z" });
    const { client, clock } = stampbook;
    const { context } = stampbook.stampbook;
    await registerNorth(stampbook);
    const copy = new Copy();
    const counts = { accepted: 0, duplicate: 0, conflict: 0, parked: 0, rejected: 0 };
    const begun = { registration: registrationId(1), recordedBy: "stamp", atMs: clock.now() };
    await take(client, [hubRecord({ hour: HOUR, quantity: "1", resource: "/1" })]);
    const open = await context.control.batches.start(begun);
    await take(client, [hubRecord({ hour: HOUR, quantity: "2", resource: "/2" })]);
    expect([await copy.follow(stampbook), copy.cursor]).toEqual([1, "1"]);
    await context.control.batches.finish(open, counts, clock.now(), true);
    expect([await copy.follow(stampbook), copy.cursor]).toEqual([0, "1"]);
    clock.set("2024-03-05T12:10:00Z");
    expect([await copy.follow(stampbook), copy.cursor]).toEqual([1, "3"]);
    expect(await client.usage.changes({ cursor: "3" })).toEqual({ value: [], cursor: "3", more: false });
    await client.ledger.withdraw(1, "sent twice");
    const { value } = await client.usage.changes({ cursor: "3" });
    expect(value).toMatchObject([
      { entry: "4.1.1.end", batch: 4, delivery: 1, position: 1, kind: "withdrawal", adds: false, counts: true },
    ]);
    expect(value[0]).toMatchObject({ quantity: "-1", resourceUri: "/1", usageStartTime: HOUR, held: null });
    for (const cursor of ["5", "4.1.1", "x", "1.1.1.change"]) {
      const refusal = client.usage.changes({ cursor }).catch((error: unknown) => error);
      expect((await refusal) as Refused, cursor).toMatchObject({ status: 400, code: "InvalidParameter" });
    }
    await stampbook.close();
  });

  test("an answer of the engine that is lost keeps the feed waiting; who may not read usage gets nothing", async () => {
    const stampbook = await openStampbook({ now: "2024-03-05T12:00:00Z" });
    const { client, clock } = stampbook;
    const { usage } = stampbook.stampbook.context;
    await registerNorth(stampbook);
    const append = usage.append.bind(usage);
    usage.append = async (rows) => {
      await append(rows);
      throw new Error("the answer was lost");
    };
    const records = [hubRecord({ hour: HOUR, quantity: "1" })];
    await expect(take(client, records)).rejects.toThrow();
    usage.append = append;
    expect((await take(client, records)).counts).toMatchObject({ duplicate: 1 });
    expect((await client.usage.changes()).value).toEqual([]);
    clock.set("2024-03-05T12:10:00Z");
    expect((await client.usage.changes()).value.map(({ entry }) => entry)).toEqual(["1.1.1.add"]);
    const ask = mustClose(await askAs(stampbook.stampbook));
    const north = `/subscriptions/${ids.registration}/resourceGroups/azurestack/providers/Microsoft.AzureStack/registrations/north`;
    await ask.grant("stamp", "Billing Reader", north);
    await ask.grant("customer", "Tenant Reader", `/subscriptions/${ids.customer}`);
    const status = async (name: string, of = "") => (await ask(name, "GET", `/v1/usage/changes${of}`)).status;
    expect([await status("stamp"), await status("stamp", "?registration=north")]).toEqual([403, 200]);
    expect([await status("customer"), await status("customer", "?registration=north")]).toEqual([403, 403]);
    await ask.close();
    await stampbook.close();
  });
});
