import { resellerScope } from "../domain/access/resellerScope.ts";
import { resellerOfPayer } from "../domain/statement/level.ts";
import type { StatementHead } from "../domain/statement/statement.ts";
import { paramOf } from "../http/parameters.ts";
import type { Access } from "../http/route.ts";

/**
 * Where a role lets its holder see a document. A customer's belongs to its subscription, and to whoever issued it: its
 * reseller. A reseller's own belongs to it; those of providers to who may see everything.
 */
export function payerScopes({ level, payer, issuer, partner }: StatementHead): readonly string[] {
  switch (level) {
    case "customer":
      return [`/subscriptions/${payer}`, resellerScope(issuer)];
    case "reseller":
      return [resellerScope(resellerOfPayer({ payer, partner }))];
    case "provider":
      return ["/"];
  }
}

/** A statement or a correction belongs to whoever pays it. */
export const onPayer: Access = {
  action: "Stampbook/statements/read",
  scope: async ({ control }, request) => {
    const number = paramOf(request, "number");
    const document = (await control.statements.find(number)) ?? (await control.documents.find(number));
    return document === undefined ? "/" : payerScopes(document);
  },
  lookedUp: true,
};
