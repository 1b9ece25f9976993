import type { Command } from "commander";
import type { LocalSubscriptionRow } from "../../client/types.ts";
import { Fault } from "../../domain/faults/fault.ts";
import { withClient } from "../command.ts";
import { readJsonFile } from "../files.ts";
import { printJson, printLine, printRows } from "../output.ts";

/** A file holds an array of rows, or an object with a `value` array, as `list --json` prints it. */
async function rowsIn<Row>(file: string): Promise<readonly Row[]> {
  const content = await readJsonFile<readonly Row[] | { readonly value?: readonly Row[] } | null>(file);
  const rows = Array.isArray(content)
    ? (content as readonly Row[])
    : (content as { value?: readonly Row[] } | null)?.value;
  if (Array.isArray(rows)) return rows;
  throw new Fault("InvalidRequestContent", {
    reason: `${file} holds neither an array nor an object with a value array`,
  });
}

export function addLocalSubscriptions(program: Command): void {
  const local = program.command("local-subscriptions").description("subscriptions on a stamp and their tenants");

  local
    .command("list")
    .description("list the local subscriptions of a stamp")
    .argument("<registration>", "number, name, cloud id or resource id")
    .action((registration: string, _, command: Command) =>
      withClient(command, async (client, output) => {
        const columns = [
          { title: "local subscription", value: (so: LocalSubscriptionRow) => so.localSubscription },
          { title: "tenant", value: (so: LocalSubscriptionRow) => so.tenant },
          { title: "name", value: (so: LocalSubscriptionRow) => so.displayName ?? "" },
          { title: "state", value: (so: LocalSubscriptionRow) => so.state ?? "" },
        ];
        const none = "No local subscription is known: all usage of this stamp will be parked.";
        printRows(output, await client.localSubscriptions(registration), columns, none);
      }),
    );

  local
    .command("import")
    .description("add or change local subscriptions from a JSON file; all of them or none")
    .argument("<registration>", "number, name, cloud id or resource id")
    .argument("<file>")
    .action(async (registration: string, file: string, _, command: Command) => {
      const rows = await rowsIn<LocalSubscriptionRow>(file);
      await withClient(command, async (client, { json }) => {
        const { stored } = await client.putLocalSubscriptions(registration, rows);
        if (json) printJson({ stored });
        else printLine(`${stored} local subscriptions were added or changed.`);
      });
    });
}
