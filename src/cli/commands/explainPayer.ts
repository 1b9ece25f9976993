import type { Command } from "commander";
import { withClient } from "../command.ts";
import { printJson, printLine } from "../output.ts";

/** @param explain the command that explains a statement's line */
export function addExplainPayer(explain: Command): void {
  explain
    .command("payer")
    .description("why the usage of a statement or a correction is on it, in the language of --lang")
    .argument("<number>", "of the statement or correction")
    .action((number: string, _, command: Command) =>
      withClient(command, async (client, { json }) => {
        const explanation = await client.closing.explainPayer(number);
        if (json) printJson(explanation);
        else printLine(explanation.text.join("\n\n"));
      }),
    );
}
