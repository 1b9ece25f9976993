import type { FastifyRequest } from "fastify";
import { expect, test } from "vitest";
import { LIMITS } from "../domain/limits.ts";
import { Generation } from "./recentAnswers.ts";

// Goal: what is remembered has bounds. Method: more answers, and longer ones, than there is room for. That they are the
// right ones is shown over real stores: test/e2e/recentAnswers.test.ts.

const request = (url: string): FastifyRequest =>
  ({ url, headers: { authorization: "Bearer a.b.c" }, raw: { socket: {} } }) as unknown as FastifyRequest;
const answer = (chars: number) => ({ budget: undefined, headers: {}, body: "x".repeat(chars) });
const NEVER_MS = Number.POSITIVE_INFINITY;

const heldOf = (generation: Generation, count: number): number =>
  Array.from({ length: count }, (_, i) => generation.find(request(`/${i}`), 0)).filter((so) => so !== undefined).length;

test("so many answers at most", () => {
  const generation = new Generation(0, 0);
  const wanted = LIMITS.recentAnswersMax + 5;
  for (let i = 0; i < wanted; i += 1) generation.keep(request(`/${i}`), answer(1), NEVER_MS);
  expect(heldOf(generation, wanted)).toBe(LIMITS.recentAnswersMax);
});

test("so many characters at most, with the questions; a short one still fits after one that did not", () => {
  const generation = new Generation(0, 0);
  const half = LIMITS.recentAnswersCharsMax / 2;
  for (let i = 0; i < 3; i += 1) generation.keep(request(`/${i}`), answer(half - 100), NEVER_MS);
  generation.keep(request("/3"), answer(10), NEVER_MS);
  expect(Array.from({ length: 4 }, (_, i) => generation.find(request(`/${i}`), 0) !== undefined)).toEqual([
    true,
    true,
    false,
    true,
  ]);
});

test("none for a caller who shows nothing", () => {
  const generation = new Generation(0, 0);
  const nobody = { ...request("/"), headers: {} } as unknown as FastifyRequest;
  generation.keep(nobody, answer(1), NEVER_MS);
  expect(generation.find(nobody, 0)).toBeUndefined();
});
