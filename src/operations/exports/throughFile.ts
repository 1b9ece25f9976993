import type { Context } from "../context.ts";

/** What has to be written as a whole before its first byte can be sent. */
export async function throughFile(
  { exportSpool }: Pick<Context, "exportSpool">,
  write: (path: string) => Promise<void>,
): Promise<AsyncIterable<Buffer>> {
  const path = await exportSpool.newPath();
  try {
    await write(path);
    return await exportSpool.take(path);
  } finally {
    await exportSpool.remove(path);
  }
}
