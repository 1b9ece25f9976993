import { beforeAll, describe, expect, test } from "vitest";
import { allPages, type List } from "../../src/client/query.ts";
import { Refused } from "../../src/client/client.ts";
import { closeAtEnd } from "../support/temporary.ts";
import { ids, openStampbook, registerStamp, type TestStampbook, tokenOf } from "../support/world.ts";

// Goal: a list that can grow comes in pages, nothing of it is missed or told twice, and the client has all of it.
// Method: a whole Stampbook with five rows in each such list, read with pages of two.

const NAMES = ["a", "b", "c", "d", "e"];
const everyone = { kind: "everyone" as const };
let stampbook: TestStampbook;

beforeAll(async () => {
  stampbook = closeAtEnd(await openStampbook());
  const { client } = stampbook;
  for (const [i, name] of NAMES.entries()) {
    const scope = { subscription: ids.registration, resourceGroup: "stamps", name };
    await registerStamp(client, scope, tokenOf(`cloud-${name}`));
    await client.approval(name, "request");
    const reason = `change ${i}`;
    await client.prices.assign({ party: everyone, sheet: i % 2 === 0 ? "default-2019-12" : null, reason });
    await client.prices.setFxRate({ period: "2024-03", from: "USD", to: "EUR", rate: `0.${i + 1}`, reason });
  }
});

type Row = Readonly<Record<string, unknown>>;
type Page = List<Row> & { readonly next?: number };
const page = (path: string): Promise<Page> => stampbook.client.call({ method: "GET", path });

describe.each([
  ["/v1/registrations", "name", NAMES],
  ["/v1/approvals", "name", NAMES],
  ["/v1/price-assignments", "reason", ["change 0", "change 1", "change 2", "change 3", "change 4"]],
  ["/v1/fx-rates", "rate", ["0.1", "0.2", "0.3", "0.4", "0.5"]],
])("%s", (path, member, all) => {
  test("its pages are the whole list in order, and the last one has no next", async () => {
    const sizes: number[] = [];
    const told: unknown[] = [];
    for (let after: number | undefined = 0; after !== undefined; ) {
      const { value, next }: Page = await page(`${path}?limit=2&after=${after}`);
      sizes.push(value.length);
      told.push(...value.map((row) => row[member]));
      after = next;
    }
    expect(sizes).toEqual([2, 2, 1]);
    expect(told).toEqual(all);
    expect(await page(`${path}?limit=5`)).not.toHaveProperty("next");
  });

  test("the client follows them to the end", async () => {
    const rows = await allPages<Row>(stampbook.client, path, { limit: 2 });
    expect(rows.map((row) => row[member])).toEqual(all);
  });

  test.each(["limit=0", "limit=1001", "limit=x", "after=-1"])("%s is refused", async (asked) => {
    const refused = await page(`${path}?${asked}`).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Refused);
    expect(refused).toMatchObject({ status: 400, code: "InvalidParameter" });
  });
});
