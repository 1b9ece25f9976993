import { UsageManagementClient } from "@azure/arm-commerce";
import { UsageManagementClient as HybridClient } from "@azure/arm-commerce-profile-2020-09-01-hybrid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatDecimal, parseDecimal, sum } from "../../src/lib/decimal.ts";
import { type AzureWorld, serveAzure, signIn } from "../support/azureClients.ts";
import { asPage, hubPage, hubRecord, ids, registerNorth, windowAfter } from "../support/world.ts";

// Goal: both packages that Azure publishes for usage work unmodified over TLS: lists, pages, errors, retries, rate card;
// and what they add up is the truth. Method: the server in its own process; the truth is what was sent to it.

let world: AzureWorld;
let commerce: UsageManagementClient;
let hybrid: HybridClient;

const HOUR = "2024-02-10T05:00:00Z";
const START = new Date("2024-02-10T06:00:00Z");
const END = new Date("2024-02-10T07:00:00Z");
const MIDNIGHTS = [new Date("2024-02-10T00:00:00Z"), new Date("2024-02-11T00:00:00Z")] as const;
const READS_PER_MINUTE = 40;

/** Quarters and their like: doubles hold them and their sums exactly, so that the packages lose nothing. */
const RECORDS = 2_050;
const quantityOf = (i: number): string => formatDecimal(parseDecimal(String(i * 0.015625))!);
const truth = formatDecimal(sum(Array.from({ length: RECORDS }, (_, i) => parseDecimal(quantityOf(i))!)));

const clientOf = (credential: ReturnType<typeof signIn>) =>
  new UsageManagementClient(credential, ids.registration, { baseUri: world.server.url });

type HybridOptions = NonNullable<ConstructorParameters<typeof HybridClient>[2]>;
type PipelinePolicy = NonNullable<HybridOptions["additionalPolicies"]>[number]["policy"];

const hybridOf = (credential: ReturnType<typeof signIn>, ...policies: readonly PipelinePolicy[]) =>
  new HybridClient(credential, ids.registration, {
    endpoint: world.server.url,
    $host: world.server.url,
    credentialScopes: ["https://management.azure.com/.default"],
    additionalPolicies: policies.map((policy) => ({ policy, position: "perRetry" })),
  });

/** The subscription of an older generation of packages is a tenant's or a provider's alike; here it pays for its stamp. */
beforeAll(async () => {
  world = await serveAzure("--reads-per-minute-max", String(READS_PER_MINUTE));
  const { client } = world;
  await registerNorth(world);
  const records = Array.from({ length: RECORDS }, (_, i) =>
    hubRecord({ hour: HOUR, quantity: quantityOf(i), resource: `/subscriptions/${ids.local}/vm/${i}` }),
  );
  await client.takeIn("north", asPage(hubPage(records)), windowAfter(HOUR));
  const credential = signIn(world, world.owner);
  commerce = clientOf(credential);
  hybrid = hybridOf(credential);
});
afterAll(() => world.server.close());

/** On a machine with much else to do there may be budget again before a package asks. */
async function repeated<Found>(before: () => Promise<unknown>, find: () => Promise<Found | undefined>): Promise<Found> {
  for (;;) {
    await before();
    const found = await find();
    if (found !== undefined) return found;
  }
}

const inAll = (rows: readonly { readonly quantity?: number }[]): string =>
  String(rows.reduce((total, { quantity }) => total + (quantity ?? Number.NaN), 0));

describe("@azure/arm-commerce 3.0.0", () => {
  test("list and listNext give every row once, though listNext asks for days by itself", async () => {
    const { usageAggregates } = commerce;
    const rows: { readonly quantity?: number; readonly usageStartTime?: Date }[] = [];
    let page = await usageAggregates.list(START, END, { aggregationGranularity: "Hourly" });
    const sizes = [page.length];
    rows.push(...page);
    while (page.nextLink !== undefined) {
      page = await usageAggregates.listNext(page.nextLink, START, END);
      sizes.push(page.length);
      rows.push(...page);
    }
    expect(sizes).toEqual([1_000, 1_000, RECORDS - 2_000]);
    expect(inAll(rows)).toBe(truth);
    for (const { usageStartTime } of rows) expect(usageStartTime).toEqual(new Date(HOUR));
  });

  test("days are what it asks for unless told otherwise", async () => {
    const page = await commerce.usageAggregates.list(...MIDNIGHTS);
    expect(page).toHaveLength(1_000);
    expect(page[0]).toMatchObject({
      type: "Microsoft.Commerce/UsageAggregate",
      subscriptionId: ids.local,
      usageStartTime: MIDNIGHTS[0],
      usageEndTime: MIDNIGHTS[1],
      meterId: "9cd92d4c-bafd-4492-b278-bedc2de8232a",
    });
  });

  test("hours in which nothing was reported are an empty list", async () => {
    const page = await commerce.usageAggregates.list(END, new Date("2024-02-10T08:00:00Z"), {
      aggregationGranularity: "Hourly",
    });
    expect([page.length, page.nextLink]).toEqual([0, undefined]);
  });

  test("a call over the limit is refused with how long to wait; the newer package waits and asks again", async () => {
    const scope = `/subscriptions/${ids.registration}`;
    const credential = signIn(
      world,
      await world.client.createCredential({ kind: "Application", role: "Reader", scope }),
    );
    const { token } = (await credential.getToken("https://management.azure.com/.default"))!;
    const address = `${world.server.url}${scope}/providers/Microsoft.Commerce/UsageAggregates`;
    const spend = async (): Promise<number> => {
      for (let spent = 0; ; spent += 1) {
        const { status } = await fetch(address, { headers: { authorization: `Bearer ${token}` } });
        if (status === 429) return spent;
      }
    };
    expect(await spend()).toBeGreaterThanOrEqual(READS_PER_MINUTE - 1);
    const older = clientOf(credential);
    const refusal = await repeated(spend, () =>
      older.usageAggregates.list(START, END, { aggregationGranularity: "Hourly" }).then(
        () => undefined,
        (error: { readonly statusCode: number; readonly message: string }) => error,
      ),
    );
    expect(refusal).toMatchObject({ statusCode: 429, message: expect.stringMatching(/ask again in [12] s/) });
    let refused = 0;
    const newer = hybridOf(credential, {
      name: "refusals",
      sendRequest: async (request, next) => {
        const answer = await next(request);
        if (answer.status === 429) refused += 1;
        return answer;
      },
    });
    await repeated(spend, async () => {
      const { value } = await newer.usageAggregates
        .list(START, END, { aggregationGranularity: "Hourly" })
        .byPage()
        .next();
      expect(value).toHaveLength(1_000);
      return refused > 0 ? refused : undefined;
    });
  });

  test("the rate card has the prices of the sheet under the ids of usage records", async () => {
    const card = await commerce.rateCard.get(
      "OfferDurableId eq 'MS-AZR-0017P' and Currency eq 'USD' and Locale eq 'en-US' and RegionInfo eq 'US'",
    );
    expect(card).toMatchObject({ currency: "USD", locale: "en-US", isTaxIncluded: false });
    const of = (meter: string) => card.meters?.find(({ meterId }) => meterId === meter);
    const windows = { unit: "vCPU-hour", meterRates: { "0": 0.046 }, includedQuantity: 0, meterTags: [] };
    expect(of("9cd92d4c-bafd-4492-b278-bedc2de8232a")).toMatchObject(windows);
    expect(of("fb8c0713-ea20-40bf-901f-5560fd3f6330")).toMatchObject(windows);
    expect(of("8a913f38-33b4-4772-9488-e89522fc09e5")).toMatchObject({ unit: "GB-month", meterRates: { "0": 0.006 } });
    expect(of("6dab500f-a4fd-49c4-956d-229bb9c8c793")).toMatchObject({ meterRates: { "0": 0 } });
  });

  test.each([
    ["another currency", "OfferDurableId eq 'x' and Currency eq 'EUR' and Locale eq 'en-US' and RegionInfo eq 'US'"],
    ["three terms", "OfferDurableId eq 'x' and Currency eq 'USD' and Locale eq 'en-US'"],
    ["a comparison", "OfferDurableId gt 'x' and Currency eq 'USD' and Locale eq 'en-US' and RegionInfo eq 'US'"],
  ])("a rate card is refused for %s", async (_, filter) => {
    await expect(commerce.rateCard.get(filter)).rejects.toMatchObject({
      statusCode: 400,
      body: { error: { code: "InvalidProperty" } },
    });
  });
});

describe("@azure/arm-commerce-profile-2020-09-01-hybrid 2.1.0", () => {
  test("goes through all pages by itself, and adds up to the truth", async () => {
    const rows = await Array.fromAsync(hybrid.usageAggregates.list(START, END, { aggregationGranularity: "Hourly" }));
    expect([rows.length, inAll(rows)]).toEqual([RECORDS, truth]);
    const days = await Array.fromAsync(hybrid.usageAggregates.list(...MIDNIGHTS));
    expect([days.length, inAll(days)]).toEqual([RECORDS, truth]);
  });
});

describe("both see refusals with status and code", () => {
  const hour = (text: string): Date => new Date(text);
  const cases = [
    ["the future", hour("2100-01-01T00:00:00Z"), "RequestEndTimeIsInFuture"],
    ["half an hour", hour("2024-02-10T07:30:00Z"), "InvalidProperty"],
    ["nothing between", START, "InvalidProperty"],
  ] as const;
  test.each(cases)("%s", async (_, end, code) => {
    const options = { aggregationGranularity: "Hourly" } as const;
    const statusCode = 400;
    await expect(commerce.usageAggregates.list(START, end, options)).rejects.toMatchObject({ statusCode, code });
    const pages = hybrid.usageAggregates.list(START, end, options);
    await expect(Array.fromAsync(pages)).rejects.toMatchObject({ statusCode, code });
  });

  test("what is not complete yet", async () => {
    const now = new Date();
    const today = new Date(now.toISOString().slice(0, 10));
    const error = { statusCode: 202, code: "ProcessingNotComplete" };
    const yesterday = new Date(today.getTime() - 86_400_000);
    await expect(commerce.usageAggregates.list(yesterday, today)).rejects.toMatchObject({ statusCode: 202 });
    await expect(Array.fromAsync(hybrid.usageAggregates.list(yesterday, today))).rejects.toMatchObject(error);
  });

  test("who may not", async () => {
    const stranger = await world.client.createCredential({
      kind: "Application",
      role: "Tenant Reader",
      scope: `/subscriptions/${ids.customer}`,
    });
    await expect(
      clientOf(signIn(world, stranger)).usageAggregates.list(START, END, { aggregationGranularity: "Hourly" }),
    ).rejects.toMatchObject({ statusCode: 403 });
  });
});
