import { type Command, Option } from "commander";
import type { AccessInfo } from "../../client/types.ts";
import { withClient } from "../command.ts";
import { printJson, printLine, printRows } from "../output.ts";

interface GrantOptions {
  readonly role: string;
  readonly to: string;
  readonly scope: string;
  readonly type?: string;
  readonly issuer?: string;
}

export function addAccess(program: Command): void {
  const access = program.command("access").description("who may do what: roles, granted at a scope");

  access
    .command("list")
    .description("list who was granted which role where")
    .option("--of <principal>", "only of this client id, user name or object id")
    .option("--scope <resource-id>", "only at this scope, above and below it")
    .action((filter: { of?: string; scope?: string }, command: Command) =>
      withClient(command, async (client, output) => {
        const columns = [
          { title: "role", value: (so: AccessInfo) => so.role },
          { title: "scope", value: (so: AccessInfo) => so.scope, cut: "start" as const },
          { title: "principal", value: (so: AccessInfo) => so.principalName ?? so.principalId, cut: "end" as const },
          { title: "granted by", value: (so: AccessInfo) => so.createdBy, cut: "end" as const },
          { title: "at", value: (so: AccessInfo) => so.createdAt },
          { title: "id", value: (so: AccessInfo) => so.id },
        ];
        printRows(output, await client.access(filter), columns, "Nothing is granted.");
      }),
    );

  access
    .command("grant")
    .description("grant a role at a scope and everything below it")
    .requiredOption("--role <role>", "name or id of the role")
    .requiredOption("--to <principal>", "client id, user name, or object id in another identity provider")
    .option("--scope <resource-id>", "where; / is everything", "/")
    .addOption(
      new Option("--type <type>", "what an object id of another identity provider is").choices([
        "User",
        "ServicePrincipal",
      ]),
    )
    .option("--issuer <url>", "identity provider whose object id it is; the first of oidcIssuers unless given")
    .action(({ role, to, scope, type, issuer }: GrantOptions, command: Command) =>
      withClient(command, async (client, { json }) => {
        const of = issuer === undefined ? {} : { issuer };
        const principalType = type === undefined ? {} : { principalType: type };
        const made = await client.grantAccess(scope, { role, principal: to, ...principalType, ...of });
        if (json) printJson(made);
        else printLine(`${made.principalName ?? made.principalId} is ${made.role} at ${made.scope} (${made.id}).`);
      }),
    );

  access
    .command("revoke")
    .description("take a role back")
    .argument("<id>", "as access list shows it")
    .action((id: string, _, command: Command) =>
      withClient(command, async (client, { json }) => {
        const result = await client.revokeAccess(id);
        if (json) printJson(result);
        else printLine(result.revoked ? "The role was taken back." : "There is no such assignment.");
      }),
    );
}
