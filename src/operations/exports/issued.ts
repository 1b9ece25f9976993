import { Fault } from "../../domain/faults/fault.ts";
import type { SubscriptionId } from "../../domain/ids.ts";
import type { Closing, IssuedDocument } from "../../domain/statement/document.ts";
import type { StatementHead } from "../../domain/statement/statement.ts";
import type { Context } from "../context.ts";

/**
 * A closed statement or a correction with everything that it is shown with. All of it is as it was when it was made, so
 * that the same document is always shown the same.
 * @throws Fault StatementNotFound, PeriodNotClosed when it is a draft
 */
export async function findIssued(context: Context, number: string): Promise<IssuedDocument> {
  const { control } = context;
  const found = await control.documents.body(number);
  if (found === undefined) {
    const draft = await control.statements.find(number);
    if (draft === undefined) throw new Fault("StatementNotFound", { number });
    throw new Fault("PeriodNotClosed", { period: draft.period, partner: draft.partner });
  }
  const { lineCount, ...document } = found;
  const closing = (await control.documents.findClosing(document.closing))!;
  const stamps = await control.registrations.list({ withDeleted: true });
  const names = new Map(stamps.map(({ id, name }) => [id as number, name]));
  return {
    document,
    closing,
    lineCount,
    payerName: await payerName(context, document, closing),
    stampName: (registration) => names.get(registration) ?? String(registration),
    pieces: () => control.documents.pieces(number),
  } as IssuedDocument;
}

async function payerName(
  { control }: Context,
  { level, payer }: Pick<StatementHead, "level" | "payer">,
  { mark }: Pick<Closing, "mark">,
): Promise<string | undefined> {
  if (level !== "customer") return undefined;
  const [known] = await control.catalogue.asOf([payer as SubscriptionId], mark["catalogue"] ?? 0);
  return known?.entry.displayName || undefined;
}
