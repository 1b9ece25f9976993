import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Begun last, the longest file would run alone at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLongest = ({ moduleId }: TestSpecification): boolean => moduleId.endsWith("/sim/simulation.test.ts");
    const sorted = await super.sort(files);
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))];
  }
}

const project = (name: string, include: string[], testTimeoutMs = 20_000) => ({
  test: { name, include, testTimeout: testTimeoutMs, hookTimeout: 60_000, pool: "forks" as const },
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
