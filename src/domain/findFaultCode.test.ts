import { expect, test } from "vitest";
import { findFaultCode } from "./findFaultCode.ts";

test("a code is found in any case", () => {
  expect(findFaultCode("registrationnotfound")).toBe("RegistrationNotFound");
});

test.each([
  ["RegistrationNotFuond", "RegistrationNotFound"],
  ["badcustomersubscription", "BadCustomerSubscriptionId"],
  ["x".repeat(1_000_000), undefined],
])("an unknown code is refused with the nearest one", (text, nearest) => {
  let message = "";
  try {
    findFaultCode(text);
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toMatch(/^There is no error code '/);
  if (nearest !== undefined) expect(message).toContain(`the nearest one is ${nearest}.`);
});
