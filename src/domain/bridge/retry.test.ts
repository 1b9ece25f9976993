import { expect, test } from "vitest";
import { httpDateMs, retryAfterMs, retryDelayMs } from "./retry.ts";
import { skewMs } from "./skew.ts";

const rules = { delayMsMin: 1_000, delayMsMax: 60_000 };
const at = (text: string): number => httpDateMs(text)!;

test.each([
  ["the first try waits between half and all of the least", 1, 0, 0, 500],
  ["with luck", 1, 0.999_999, 0, 1_000],
  ["twice as long each time", 4, 0, 0, 4_000],
  ["never longer than the most", 40, 0.999_999, 0, 60_000],
  ["at least as long as the other side asks for", 1, 0, 7_000, 7_000],
  ["but not for a day", 1, 0, 86_400_000, 3_600_000],
])("%s", (...[, failures, random, asked, waits]) => {
  expect(retryDelayMs(failures, random, rules, asked)).toBe(waits);
});

test.each([
  ["120", 120_000],
  ["Tue, 10 Dec 2019 19:00:30 GMT", 30_000],
  ["Tue, 10 Dec 2019 18:00:00 GMT", 0],
  ["soon", undefined],
  [undefined, undefined],
])("Retry-After: %s", (header, waits) => {
  expect(retryAfterMs(header, at("Tue, 10 Dec 2019 19:00:00 GMT"))).toBe(waits);
});

test("a date that does not exist is none", () => {
  expect(httpDateMs("Tue, 31 Feb 2019 19:00:00 GMT")).toBeUndefined();
  expect(httpDateMs("Tue, 10 Foo 2019 19:00:00 GMT")).toBeUndefined();
});

test("skew is measured in the middle of a call, and not at all when it took long", () => {
  const date = "Tue, 10 Dec 2019 19:00:00 GMT";
  const noon = at(date);
  expect(skewMs({ sentMs: noon - 60_000, receivedMs: noon - 59_000, date })).toBe(60_000);
  expect(skewMs({ sentMs: noon, receivedMs: noon + 11_000, date })).toBeUndefined();
  expect(skewMs({ sentMs: noon, receivedMs: noon, date: undefined })).toBeUndefined();
});
