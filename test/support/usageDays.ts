import { join } from "node:path";
import type { UsageDayStore } from "../../src/domain/usage/day.ts";
import { openSqliteControlStore } from "../../src/storage/control/sqlite/controlStore.ts";
import type { EngineUsageStore } from "../../src/storage/usage/usageStore.ts";

/** Opens a usage store whose days are kept in a control store in a folder; the one closes the other. */
export async function withDaysIn(
  folder: string,
  open: (days: UsageDayStore) => Promise<EngineUsageStore>,
): Promise<EngineUsageStore> {
  const control = openSqliteControlStore(join(folder, "control.db"));
  try {
    const store = await open(control.usageDays);
    const close = store.close.bind(store);
    store.close = async () => {
      await close();
      await control.close();
    };
    return store;
  } catch (error) {
    await control.close();
    throw error;
  }
}
