import { expect, test } from "vitest";
import { Fault } from "../domain/faults/fault.ts";
import { readSettings } from "../settings.ts";
import { faultAnswers, statusOfCode } from "./errorBody.ts";
import { readRefusalStatuses } from "./refusalStatuses.ts";

test("an operator can choose the statuses of the eight refusals, and of nothing else", () => {
  const read = readRefusalStatuses(" RegistrationNotFound=410, UnauthorizedCspRegistration = 401 ,");
  if ("reason" in read) throw new Error(read.reason);
  const { statusOf } = faultAnswers(read.statuses, () => "http://x");
  expect(statusOf("RegistrationNotFound")).toBe(410);
  expect(statusOf("UnauthorizedCspRegistration")).toBe(401);
  expect(statusOf("CustomerSubscriptionNotFound")).toBe(statusOfCode("CustomerSubscriptionNotFound"));
  expect(readRefusalStatuses("")).toEqual({ statuses: new Map() });
});

test.each([
  ["InternalServerError=400", /is none of RegistrationNotFound/],
  ["RegistrationNotFound=200", /200 is no status of a refusal/],
  ["RegistrationNotFound=600", /600 is no status/],
  ["RegistrationNotFound", /not of the form/],
  ["RegistrationNotFound=404,RegistrationNotFound=410", /twice/],
  ["__proto__=404", /is none of/],
])("'%s' is refused when the server starts", (text, reason) => {
  let fault: unknown;
  try {
    readSettings({ refusalStatuses: text }, {});
  } catch (error) {
    fault = error;
  }
  expect(fault).toBeInstanceOf(Fault);
  expect(fault).toMatchObject({ code: "SettingInvalid", message: expect.stringMatching(reason) as unknown });
});
