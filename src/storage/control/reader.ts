import type { ControlStores } from "../../domain/controlStore.ts";
import { openSqliteReader } from "./sqlite/controlStore.ts";

/** Opens the control store once more, to read what is committed: in another thread, while the server has it open. */
export const openControlReader = (file: string): ControlStores => openSqliteReader(file);
