import type { Command } from "commander";
import type { PriceInfo } from "../../client/priceTypes.ts";
import { formatTable } from "../../lib/table.ts";
import { withClient } from "../command.ts";
import { printJson, printLine } from "../output.ts";

export function addPrices(program: Command): void {
  program
    .command("prices")
    .description("the price sheet in force; prices that no published source backs are marked")
    .action((_, command: Command) =>
      withClient(command, async (client, { json }) => {
        const sheet = await client.priceSheet();
        if (json) return printJson(sheet);
        printLine(`${sheet.name} (${sheet.id}, ${sheet.currency})`);
        printLine(
          formatTable(sheet.prices, [
            { title: "meter", value: (so: PriceInfo) => so.name, cut: "end" as const },
            { title: "unit price", value: priceText, align: "right" },
            { title: "per", value: (so: PriceInfo) => so.unit },
            {
              title: "source",
              value: (so: PriceInfo) => (so.verified ? "published" : `UNVERIFIED (${so.confidence})`),
            },
            { title: "note", value: (so: PriceInfo) => so.note, cut: "end" as const },
          ]),
        );
        printLine(`${sheet.unpriced.length} known meters have no price: their usage is parked with reason NoPrice.`);
        return undefined;
      }),
    );
}

const priceText = ({ free, tiers }: PriceInfo): string =>
  free
    ? "free"
    : tiers.map(({ from, unitPrice }) => (tiers.length === 1 ? unitPrice : `${unitPrice} from ${from}`)).join(", ");
