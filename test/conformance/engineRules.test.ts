import { join } from "node:path";
import { ChdbEngine } from "../../src/storage/usage/chdb/engine.ts";
import { EngineUsageStore } from "../../src/storage/usage/usageStore.ts";
import { mustClose, temporaryFolder } from "../support/temporary.ts";
import { engineRulesSuite } from "./engineRulesSuite.ts";

engineRulesSuite({
  name: "chdb",
  storedName: (table) => table,
  async openEmpty(ceilings) {
    const folder = temporaryFolder();
    return mustClose(
      await EngineUsageStore.open(new ChdbEngine(join(folder, "usage"), join(folder, "spool"), ceilings)),
    );
  },
});
