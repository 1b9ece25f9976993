import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Begun last, one of these would run alone at the end. */
const LONG = [
  "/sim/simulation.test.ts",
  "/engines/usageStore.test.ts",
  "/e2e/guide.test.ts",
  "/engines/outage.test.ts",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean => LONG.some((name) => moduleId.endsWith(name));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/** Loading all sources anew for each file would take a tenth of the time; no test changes what a module holds for others. */
const isolate = false;

const project = (name: string, include: string[], testTimeoutMs = 20_000) => ({
  test: { name, include, testTimeout: testTimeoutMs, hookTimeout: 60_000, pool: "forks" as const, isolate },
});

export default defineConfig({
  test: {
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      project("unit", ["src/**/*.test.ts", "simulator/**/*.test.ts"]),
      project("house", ["test/*.test.ts"]),
      project("conformance", ["test/conformance/*.test.ts"], 60_000),
      project("engines", ["test/engines/*.test.ts"], 120_000),
      project(
        "e2e",
        [
          "test/e2e/*.test.ts",
          "test/wire/*.test.ts",
          "test/crash/*.test.ts",
          "test/sim/*.test.ts",
          "test/fuzz/*.test.ts",
          "test/oracle/*.test.ts",
        ],
        300_000,
      ),
    ],
  },
});
