import type { RegistrationId } from "../../domain/ids.ts";
import type { Period } from "../../domain/statement/period.ts";
import type { AttributedHours, FileFormat } from "../../domain/usage/files.ts";
import type { Context } from "../context.ts";
import { loadKnowledge } from "../statements/classified.ts";
import { boundsNow } from "../statements/rated.ts";
import { withArchives } from "../usage/archives.ts";
import { throughFile } from "./throughFile.ts";

/**
 * Every record of a period, with who pays for it as of its hour and by which mapping, as it is known now. What waits is in
 * it too; records of local subscriptions that nobody knows have no payer.
 * @throws Fault ArchiveDamaged, UsageEngineUnavailable
 */
export async function exportUsage(
  context: Context,
  {
    period,
    registration,
    format,
  }: { readonly period: Period; readonly registration: RegistrationId | undefined; readonly format: FileFormat },
): Promise<AsyncIterable<Buffer>> {
  const { control, usage } = context;
  const { from, to } = period;
  const { knownUntilMs, mark, lastBatch } = await boundsNow(context);
  const { attribution } = await loadKnowledge(context, knownUntilMs, mark);
  const segments = attribution.attributedSegments(from, to).map(
    ({ payer, tenant, billingModel, ...segment }): AttributedHours => ({
      ...segment,
      tenant,
      payer: payer.subscription,
      paidBy: payer.by,
      mappingChange: payer.interval?.change.id,
      billingModel,
    }),
  );
  const stampNames = new Map(
    (await control.registrations.list({ withDeleted: true })).map(({ id, name }) => [id, name]),
  );
  const ofStamp = registration === undefined ? {} : { registration };
  return await throughFile(context, (path) =>
    withArchives(context, period, async (archives) => {
      const scope = { from, to, lastBatch, archives, ...ofStamp };
      await context.exportSpool.remove(path);
      await usage.files.writeAttributed({ scope, segments, stampNames }, format, path);
    }),
  );
}
