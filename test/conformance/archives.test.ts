import { join } from "node:path";
import { openChdbUsageStore } from "../../src/storage/usage/chdb/open.ts";
import { mustClose, temporaryFolder } from "../support/temporary.ts";
import { withDaysIn } from "../support/usageDays.ts";
import { archiveSuite } from "./archiveSuite.ts";

const MEMORY_BYTES_MAX = 1_073_741_824;

archiveSuite("chdb", async () => {
  const folder = temporaryFolder();
  const options = {
    folder: join(folder, "usage"),
    spoolFolder: join(folder, "spool"),
    memoryBytesMax: MEMORY_BYTES_MAX,
  };
  return mustClose(await withDaysIn(folder, (days) => openChdbUsageStore({ ...options, days })));
});
