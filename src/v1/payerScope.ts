import { paramOf } from "../http/parameters.ts";
import type { Access } from "../http/route.ts";
import type { StatementHead } from "../domain/statement/statement.ts";

/** A customer's documents belong to its subscription; those of resellers and providers to who may see everything. */
export const payerScope = ({ level, payer }: Pick<StatementHead, "level" | "payer">): string =>
  level === "customer" ? `/subscriptions/${payer}` : "/";

/** A statement or a correction belongs to whoever pays it. */
export const onPayer: Access = {
  action: "Stampbook/statements/read",
  scope: async ({ control }, request) => {
    const number = paramOf(request, "number");
    const document = (await control.statements.find(number)) ?? (await control.documents.find(number));
    return document === undefined ? "/" : payerScope(document);
  },
  lookedUp: true,
};
