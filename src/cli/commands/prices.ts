import type { Command } from "commander";
import { formatTable } from "../../lib/table.ts";
import { withClient } from "../command.ts";
import { printJson, printLine } from "../output.ts";
import { PRICE_TABLE } from "../priceTable.ts";
import { addPriceSheets } from "./priceSheets.ts";
import { addPriceTerms } from "./priceTerms.ts";

export function addPrices(program: Command): void {
  const prices = program
    .command("prices")
    .description("the price sheet in force; prices that no published source backs are marked")
    .action((_, command: Command) =>
      withClient(command, async (client, { json }) => {
        const sheet = await client.priceSheet();
        if (json) return printJson(sheet);
        printLine(`${sheet.name} (${sheet.id}, version ${sheet.version}, ${sheet.currency})`);
        printLine(formatTable(sheet.prices, PRICE_TABLE));
        printLine(`${sheet.unpriced.length} known meters have no price: their usage is parked with reason NoPrice.`);
        return undefined;
      }),
    );
  addPriceSheets(prices);
  addPriceTerms(prices);
}
