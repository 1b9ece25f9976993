import { expect, test } from "vitest";
import { wire } from "../support/http.ts";
import { ids, openStampbook, registerNorth } from "../support/world.ts";

// Goal: what is strict by default is lenient where the operator says so, and nowhere else.

const NORTH = `/subscriptions/${ids.registration}/resourceGroups/azurestack/providers/Microsoft.AzureStack/registrations/north`;
const mapping = (id: string): string => `${NORTH}/customerSubscriptions/${id}?api-version=2017-06-01`;
const LETTERS = "20000000-0000-4000-8000-00000000abcd";

async function open(settings: Record<string, string>) {
  const stampbook = await openStampbook({ settings });
  await registerNorth(stampbook);
  await stampbook.client.putCatalogue([
    { subscription: LETTERS, offerType: "CSP", partner: "contoso", tenant: ids.tenant },
  ]);
  const call = wire(stampbook.socketPath);
  const ask = async (method: string, path: string): Promise<unknown> => {
    const { status, body } = await call(method, path, method === "PUT" ? { json: {} } : {});
    return [status, body?.error?.code ?? body?.name];
  };
  return { ask, close: () => stampbook.close() };
}

test("the case of a customer subscription's id counts, unless the setting says otherwise", async () => {
  const strict = await open({});
  expect(await strict.ask("PUT", mapping(LETTERS.toUpperCase()))).toEqual([400, "BadCustomerSubscriptionId"]);
  expect(await strict.ask("PUT", mapping(LETTERS))).toEqual([200, `north/${LETTERS}`]);
  expect(await strict.ask("GET", mapping(LETTERS.toUpperCase()))).toEqual([404, "CustomerSubscriptionNotFound"]);
  expect(await strict.ask("DELETE", mapping(LETTERS.toUpperCase()))).toEqual([204, undefined]);
  await strict.close();

  const lenient = await open({ customerIdCase: "lenient" });
  expect(await lenient.ask("PUT", mapping(LETTERS.toUpperCase()))).toEqual([200, `north/${LETTERS}`]);
  expect(await lenient.ask("GET", mapping(LETTERS.toUpperCase()))).toEqual([200, `north/${LETTERS}`]);
  expect(await lenient.ask("GET", mapping(LETTERS))).toEqual([200, `north/${LETTERS}`]);
  expect(await lenient.ask("DELETE", mapping(LETTERS.toUpperCase()))).toEqual([200, undefined]);
  await lenient.close();
});

test("api-version 2016-09-01 is refused; with the setting, reads of registrations pass, and nothing else", async () => {
  const old = "api-version=2016-09-01";
  const refused = [400, "NoRegisteredProviderFound"];
  const strict = await open({});
  expect(await strict.ask("GET", `${NORTH}?${old}`)).toEqual(refused);
  await strict.close();

  const lenient = await open({ oldScripts: "true" });
  expect(await lenient.ask("GET", `${NORTH}?${old}`)).toEqual([200, "north"]);
  for (const path of [`${NORTH}/customerSubscriptions`, NORTH.replace(/\/north$/, "")]) {
    expect(await lenient.ask("GET", `${path}?${old}`)).toEqual([200, undefined]);
  }
  expect(await lenient.ask("GET", `/providers/Microsoft.AzureStack/operations?${old}`)).toEqual(refused);
  expect(await lenient.ask("PUT", `${NORTH}?${old}`)).toEqual(refused);
  expect(await lenient.ask("DELETE", `${NORTH}?${old}`)).toEqual(refused);
  expect(await lenient.ask("GET", `${NORTH}?api-version=2016-09-02`)).toEqual(refused);
  await lenient.close();
});
