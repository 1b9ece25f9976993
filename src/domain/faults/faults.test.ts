import { describe, expect, test } from "vitest";
import { FAULT_CODES, FAULTS, REFUSAL_CODES } from "./catalogue.ts";
import { chooseLanguage, Fault, faultText, LANGUAGES, reportFault, wordsOf } from "./fault.ts";
import { ENGLISH } from "./texts/english.ts";
import { SIMPLIFIED_CHINESE } from "./texts/simplifiedChinese.ts";

const placeholders = (text: string): string[] =>
  [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]!))].sort();

test.each([ENGLISH, SIMPLIFIED_CHINESE])("a texts file covers the catalogue, in its order", (texts) => {
  expect(Object.keys(texts)).toEqual(FAULT_CODES);
});

describe.each(LANGUAGES)("fault texts in %s", (language) => {
  test("have every word that stands around them, and answer to their own tag", () => {
    expect(Object.values(wordsOf(language)).filter((word) => word === "")).toEqual([]);
    expect(chooseLanguage(language)).toBe(language);
  });

  test.each(FAULT_CODES)("%s says what, why and what to do, with the values that English uses", (code) => {
    const text = faultText(code, language);
    const { message, cause, remedy } = faultText(code, "en");
    const given = placeholders([message, cause, ...remedy].join(" "));
    expect(placeholders(text.message)).toEqual(placeholders(message));
    for (const part of [text.cause, ...text.remedy]) {
      expect(part).not.toBe("");
      expect(placeholders(part).filter((name) => !given.includes(name))).toEqual([]);
    }
    expect(text.remedy).toHaveLength(faultText(code, "en").remedy.length);
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
  ["zh-Hant-CN", "en"],
  ["zh-SG", "zh-Hans"],
  ["english", "en"],
  ["zhx, zh", "zh-Hans"],
  ["zh-Hans", "zh-Hans"],
  ["zh-Hans;q=0, en", "en"],
])("Accept-Language '%s' is answered in %s", (header, language) => {
  expect(chooseLanguage(header)).toBe(language);
});
