import { expect } from "vitest";
import { Refused } from "../../src/client/client.ts";

/** What an attempt was refused with; the test fails when it was not. */
export async function refusal(attempt: Promise<unknown>): Promise<Refused> {
  const error = await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Refused);
  return error as Refused;
}
