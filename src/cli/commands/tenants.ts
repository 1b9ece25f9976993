import type { Command } from "commander";
import type { MappingChangeInfo } from "../../client/types.ts";
import { withClient } from "../command.ts";
import { printJson, printLine, printRows } from "../output.ts";

/** The newest change of each tenant. */
const current = (changes: readonly MappingChangeInfo[]): readonly MappingChangeInfo[] => [
  ...new Map(changes.map((change) => [change.tenant, change])).values(),
];

export function addTenants(program: Command): void {
  const tenants = program.command("tenants").description("which subscription pays for a tenant of a stamp");

  tenants
    .command("list")
    .description("list who pays for which tenant; --history shows every change")
    .argument("<registration>", "number, name, cloud id or resource id")
    .option("--history", "every change, oldest first")
    .action((registration: string, { history }: { history?: boolean }, command: Command) =>
      withClient(command, async (client, output) => {
        const changes = await client.mappings(registration);
        const shown = history ? changes : current(changes).filter((so) => so.customerSubscription !== null);
        const columns = [
          { title: "tenant", value: (so: MappingChangeInfo) => so.tenant, cut: "end" as const },
          {
            title: "paid by",
            value: (so: MappingChangeInfo) => so.customerSubscription ?? "registration subscription",
          },
          { title: "from hour", value: (so: MappingChangeInfo) => so.effectiveFrom },
          { title: "recorded", value: (so: MappingChangeInfo) => so.recordedAt },
          { title: "by", value: (so: MappingChangeInfo) => so.recordedBy, cut: "end" as const },
        ];
        const none = "No tenant is mapped: the registration subscription pays for everything.";
        printRows(output, shown, columns, none);
      }),
    );

  tenants
    .command("map")
    .description("map a tenant to the customer subscription that pays from the next whole hour on")
    .argument("<registration>", "number, name, cloud id or resource id")
    .argument("<customer-subscription>", "in lower case, as the partner catalogue lists it")
    .option("--tenant <id>", "only where the catalogue does not know the subscription's tenant")
    .action((registration: string, customer: string, { tenant }: { tenant?: string }, command: Command) =>
      withClient(command, async (client, { json }) => {
        const mapped = await client.map(await client.registration(registration), customer, tenant);
        if (json) printJson(mapped);
        else printLine(`Tenant ${mapped.properties.tenantId} is paid by ${customer} from the next whole hour on.`);
      }),
    );

  tenants
    .command("unmap")
    .description("end a mapping at the next whole hour; from there the registration subscription pays")
    .argument("<registration>", "number, name, cloud id or resource id")
    .argument("<customer-subscription>")
    .action((registration: string, customer: string, _, command: Command) =>
      withClient(command, async (client, { json }) => {
        const removed = await client.unmap(await client.registration(registration), customer);
        if (json) printJson({ removed });
        else printLine(removed ? "The mapping ends at the next whole hour." : "Nothing was mapped to it.");
      }),
    );
}
