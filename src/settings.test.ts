import { expect, test } from "vitest";
import { readSettings, type SettingName } from "./settings.ts";

const refusal = (name: SettingName, value: string): string => {
  try {
    readSettings({ [name]: value }, {});
    return "taken";
  } catch (error) {
    return (error as Error).message;
  }
};

test("servers of the usage engine: with commas between, each once, and never with a password in the address", () => {
  const { usageEngineUrl } = readSettings({ usageEngineUrl: "https://one:8443/, https://two:8443" }, {});
  expect(usageEngineUrl).toBe("https://one:8443,https://two:8443");
  expect(readSettings({ usageEngineUrl: "" }, {}).usageEngineUrl).toBe("");
  expect(refusal("usageEngineUrl", "http://one:8123,http://one:8123/")).toMatch(/name each server once/);
  expect(refusal("usageEngineUrl", "http://one,tcp://two")).toMatch(/http or https URL/);
  expect(refusal("usageEngineUrl", "http://user:secret@one")).toMatch(/must have no user/);
});

test("names that stand in SQL cannot be anything else", () => {
  for (const name of ["usageEngineDatabase", "usageCluster"] as const) {
    for (const value of ["a'b", "a`b", "a.b", "a b", "1a", "{shard}"]) expect(refusal(name, value)).toMatch(/letters/);
    expect(refusal(name, "pair_1")).toBe("taken");
  }
  expect(refusal("usageEngineDatabase", "")).toMatch(/letters/);
});

test("usage is kept for one month longer than periods may be corrected, and never less than three", () => {
  expect(readSettings({}, {})).toMatchObject({ usageRetentionMonths: 13, correctableMonths: 12 });
  expect(readSettings({ usageRetentionMonths: "3", correctableMonths: "2" }, {})).toMatchObject({
    usageRetentionMonths: 3,
  });
  for (const given of [
    { usageRetentionMonths: "12" },
    { correctableMonths: "13" },
    { usageRetentionMonths: "2", correctableMonths: "1" },
  ]) {
    expect(() => readSettings(given, {})).toThrow(/not valid for the setting usageRetentionMonths/);
  }
});
