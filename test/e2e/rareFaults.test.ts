import { beforeAll, expect, test } from "vitest";
import { wire } from "../support/http.ts";
import { closeAtEnd } from "../support/temporary.ts";
import { ids, NORTH, openStampbook, registerNorth, type TestStampbook, tokenOf } from "../support/world.ts";

// Goal: codes that no other raw test sees, each provoked as its own text says.

let stampbook: TestStampbook;
let call: ReturnType<typeof wire>;
const HOME = `/subscriptions/${ids.registration}`;
const M = "api-version=2021-04-01";

beforeAll(async () => {
  stampbook = closeAtEnd(await openStampbook());
  call = wire(stampbook.socketPath);
  await registerNorth(stampbook);
  await stampbook.client.register({ ...NORTH, resourceGroup: "elsewhere" }, tokenOf("cloud-elsewhere"));
});

const north = `${HOME}/resourceGroups/azurestack/providers/Microsoft.AzureStack/registrations/north`;

test.each([
  ["CredentialNotFound", 404, "DELETE", "/v1/credentials/nobody", {}],
  [
    "ResourceMoveConflict",
    409,
    "POST",
    `${HOME}/resourceGroups/azurestack/moveResources?${M}`,
    { json: { resources: [north], targetResourceGroup: `${HOME}/resourceGroups/elsewhere` } },
  ],
  ["RequestTooLarge", 413, "PUT", "/v1/catalogue/subscriptions", { body: " ".repeat(20_000_000) }],
] as const)("%s is answered with %i", async (...[code, status, method, path, sent]) => {
  const answer = await call(method, path, sent);
  expect([answer.status, answer.body.error.code]).toEqual([status, code]);
});
