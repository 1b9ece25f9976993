import { isFault } from "../../domain/faults/fault.ts";
import type { Engine } from "./engine.ts";

/**
 * Codes with which the engine says that stored bytes are not what it wrote: cannot read all, checksum, compression method,
 * size, corrupted, cannot decompress, codec.
 */
const BROKEN = /Code: (33|40|89|103|246|271|432)\b/;

/** Remembers that some query met broken data: others, which read other data, still succeed. */
export class BrokenData {
  #met: string | undefined;

  /** The engine, with every query watched. */
  watch(engine: Engine): Engine {
    const note = (error: unknown): void => {
      const [, code] = (isFault(error) && BROKEN.exec(error.message)) || [];
      if (code !== undefined) this.#met ??= `a query met broken data (code ${code}); the log says where`;
    };
    return new Proxy(engine, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== "function") return member;
        const call = (member as (...args: unknown[]) => unknown).bind(target);
        if (name !== "query") return call;
        return async (...args: unknown[]): Promise<unknown> => {
          try {
            return await call(...args);
          } catch (error) {
            note(error);
            throw error;
          }
        };
      },
    });
  }

  /** Why not everything that was stored can be read; undefined as far as nothing of it is known. */
  async reason(engine: Engine): Promise<string | undefined> {
    if (this.#met !== undefined) return this.#met;
    // Parts that could not be read at the start are set aside, and queries go on without them.
    const [row] = await engine.query<[number, string]>(
      "read",
      `select count(), any(concat(table, ' ', name)) from system.detached_parts
       where database = currentDatabase() and (startsWith(reason, 'broken') or startsWith(reason, 'unexpected'))`,
    );
    const [parts = 0, first = ""] = row ?? [];
    return parts === 0 ? undefined : `the engine has set broken data aside: ${parts} parts, such as ${first}`;
  }
}
