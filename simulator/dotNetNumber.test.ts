import { expect, test } from "vitest";
import { dotNetDouble } from "./dotNetNumber.ts";

// Goal: quantities have the very digits that a Hub prints. Method: texts from a real answer, read and printed again.

test.each([
  "1.0",
  "8.0",
  "49.384346361272037",
  "1.1444091796875E-05",
  "0.0013440860215053762",
  "9.3132257461547852E-10",
  "16.461425899527967",
  "8.3819031715393066E-08",
  "6.36465847492218E-06",
  "0.000179290771484375",
  "0.00018310546875",
  "0.029588853159258442",
  "1.753231150098145",
  "15.3988267602399",
  "16.46147570014",
  "0.0001",
  "1E-05",
  "1E+15",
  "1.5E+16",
  "999999999999999.0",
  "-2.5",
])("%s", (text) => {
  expect(dotNetDouble(Number(text))).toBe(text);
});

test("a disk's hour in a 31-day month", () => {
  expect(dotNetDouble(1 / 24 / 31)).toBe("0.0013440860215053762");
});
