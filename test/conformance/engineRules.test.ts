import { join } from "node:path";
import { ChdbEngine } from "../../src/storage/usage/chdb/engine.ts";
import { EngineUsageStore } from "../../src/storage/usage/usageStore.ts";
import { mustClose, temporaryFolder } from "../support/temporary.ts";
import { withDaysIn } from "../support/usageDays.ts";
import { engineRulesSuite } from "./engineRulesSuite.ts";

engineRulesSuite({
  name: "chdb",
  storedName: (table) => table,
  async openEmpty(ceilings) {
    const folder = temporaryFolder();
    const engine = new ChdbEngine(join(folder, "usage"), join(folder, "spool"), ceilings);
    return mustClose(await withDaysIn(folder, (days) => EngineUsageStore.open(engine, days)));
  },
});
