import { describe, expect, test } from "vitest";
import { FAULT_CODES, FAULTS, REFUSAL_CODES } from "./catalogue.ts";
import { chooseLanguage, FAULT_TEXTS, Fault, LANGUAGES, reportFault } from "./fault.ts";

const placeholders = (text: string): string[] =>
  [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]!))].sort();

describe.each(LANGUAGES)("fault texts in %s", (language) => {
  test("cover the catalogue, in its order", () => {
    expect(Object.keys(FAULT_TEXTS[language])).toEqual(FAULT_CODES);
  });

  test.each(FAULT_CODES)("%s says what, why and what to do, with the values that English uses", (code) => {
    const text = FAULT_TEXTS[language][code];
    const { message, cause, remedy } = FAULT_TEXTS.en[code];
    const given = placeholders([message, cause, ...remedy].join(" "));
    expect(placeholders(text.message)).toEqual(placeholders(message));
    for (const part of [text.cause, ...text.remedy]) {
      expect(part).not.toBe("");
      expect(placeholders(part).filter((name) => !given.includes(name))).toEqual([]);
    }
    expect(text.remedy.length).toBeGreaterThan(0);
    expect(text.provoke).not.toBe("");
  });
});

test("the eight refusals lead the catalogue in the order of contract/registration.md §6.5", () => {
  expect(REFUSAL_CODES).toEqual([
    "RegistrationNotFound",
    "CustomerSubscriptionsNotAllowed",
    "UnauthorizedCspRegistration",
    "InvalidCustomerSubscriptionId",
    "MetadataResolverBadGatewayError",
    "InvalidCSPSubscription",
    "BadCustomerSubscriptionId",
    "CustomerSubscriptionNotFound",
  ]);
});

test("a report fills in values, cuts long ones and never translates the code", () => {
  const fault = new Fault("InvalidCustomerSubscriptionId", { customerSubscription: "x".repeat(10_000) });
  expect(fault.message.length).toBeLessThan(300);
  const report = reportFault(fault, "zh-Hans");
  expect(report.code).toBe("InvalidCustomerSubscriptionId");
  expect(report.message).toContain("不是已知的订阅");
  expect(report.target).toBe(FAULTS.InvalidCustomerSubscriptionId.target);
});

test.each([
  [undefined, "en"],
  ["", "en"],
  ["de", "en"],
  ["zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"],
  ["en;q=0.5, zh-Hans;q=0.9", "zh-Hans"],
  ["zh-TW, en", "en"],
  ["zh-Hans", "zh-Hans"],
  ["zh-Hans;q=0, en", "en"],
])("Accept-Language '%s' is answered in %s", (header, language) => {
  expect(chooseLanguage(header)).toBe(language);
});
