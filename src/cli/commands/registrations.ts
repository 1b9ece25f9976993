import type { Command } from "commander";
import type { Scope } from "../../client/client.ts";
import type { RegistrationInfo } from "../../client/types.ts";
import { withClient } from "../command.ts";
import { readTextFile } from "../files.ts";
import { printJson, printLine, printRows } from "../output.ts";
import { scopeOfResourceId } from "../scope.ts";

export function addRegistrations(program: Command): void {
  const registrations = program.command("registrations").description("stamps that are registered");

  registrations
    .command("list")
    .description("list registrations with their approval")
    .action((_, command: Command) =>
      withClient(command, async (client, output) => {
        const columns = [
          { title: "no", value: (so: RegistrationInfo) => String(so.registration), align: "right" as const },
          { title: "name", value: (so: RegistrationInfo) => so.name, cut: "end" as const },
          { title: "resource group", value: (so: RegistrationInfo) => so.resourceGroup, cut: "end" as const },
          { title: "subscription", value: (so: RegistrationInfo) => so.subscription },
          { title: "cloud id", value: (so: RegistrationInfo) => so.cloudId, cut: "end" as const },
          { title: "billing model", value: (so: RegistrationInfo) => so.billingModel },
          { title: "multi-tenancy", value: (so: RegistrationInfo) => so.approval },
        ];
        printRows(output, await client.registrations(), columns, "No stamp is registered yet.");
      }),
    );

  registrations
    .command("create")
    .description("register a stamp, or register it again with a new token")
    .argument("<resource-id>", "/subscriptions/…/resourceGroups/…/providers/Microsoft.AzureStack/registrations/…")
    .requiredOption("--token-file <file>", "file with the registration token that the stamp made")
    .action(async (resourceId: string, { tokenFile }: { tokenFile: string }, command: Command) => {
      const token = await readTextFile(tokenFile);
      const scope: Scope = scopeOfResourceId(resourceId);
      await withClient(command, async (client, { json }) => {
        const body = await client.register(scope, token);
        if (json) printJson(body);
        else printLine(`Registered ${scope.name}. Next: stampbook approvals request ${scope.name}`);
      });
    });
}
