import type { Command } from "commander";
import { Fault } from "../../domain/faults/fault.ts";
import { globalOptions, settingsOf } from "../command.ts";
import { type RunningServer, runningServer } from "../connect.ts";
import { printJson, printLine, printNote, styled } from "../output.ts";

export function addConnect(program: Command): void {
  program
    .command("connect")
    .description("print how az, PowerShell and the SDKs connect to the server that runs on the data folder")
    .action(async (_, command: Command) => {
      const { json } = globalOptions(command);
      const { dataFolder } = settingsOf(command);
      const server = await runningServer(dataFolder);
      if (server === undefined) {
        throw new Fault("ServerUnreachable", { server: dataFolder, reason: "no server runs on this data folder" });
      }
      const { url, authorityFile, directory } = server;
      if (json) printJson({ url, authorityFile: authorityFile ?? null, tenant: directory, ...linesOf(server) });
      else printConnect(linesOf(server));
      if (url.startsWith("http:")) printNote("az and Azure's SDKs send tokens by https only; this server has no TLS.");
    });
}

interface Lines {
  readonly az: readonly string[];
  readonly powerShell: readonly string[];
  readonly javaScript: readonly string[];
  readonly stampbook: readonly string[];
}

const quoted = (text: string): string => (/^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** Lines to paste; CLIENT_ID and SECRET stand for a credential (contract/clients.md, registration.md §8). */
function linesOf({ url, authorityFile, directory }: RunningServer): Lines {
  const trust = (variable: string): readonly string[] =>
    authorityFile === undefined ? [] : [`export ${variable}=${quoted(authorityFile)}`];
  return {
    az: [
      ...trust("REQUESTS_CA_BUNDLE"),
      `az cloud register -n Stampbook --endpoint-resource-manager ${url}`,
      "az cloud set -n Stampbook",
      `az login --service-principal -u CLIENT_ID -p SECRET --tenant ${directory}`,
    ],
    powerShell: [
      ...(authorityFile === undefined ? [] : [`# trust this authority first: ${authorityFile}`]),
      `Add-AzEnvironment -Name Stampbook -ARMEndpoint ${url}`,
      "$credential = Get-Credential   # CLIENT_ID and SECRET",
      `Connect-AzAccount -Environment Stampbook -ServicePrincipal -Credential $credential -Tenant ${directory}`,
    ],
    javaScript: [
      ...trust("NODE_EXTRA_CA_CERTS"),
      'import { ClientSecretCredential } from "@azure/identity";',
      'import { AzureStackManagementClient } from "@azure/arm-azurestack";',
      `const credential = new ClientSecretCredential("${directory}", "CLIENT_ID", "SECRET", {`,
      `  authorityHost: "${url}",`,
      "  disableInstanceDiscovery: true,",
      "});",
      `const client = new AzureStackManagementClient(credential, "SUBSCRIPTION_ID", { baseUri: "${url}" });`,
    ],
    stampbook: [
      ...trust("STAMPBOOK_CA_FILE"),
      "export STAMPBOOK_CLIENT_ID=CLIENT_ID STAMPBOOK_CLIENT_SECRET=SECRET",
      `stampbook registrations list --server ${url}`,
    ],
  };
}

function printConnect({ az, powerShell, javaScript, stampbook }: Lines): void {
  const section = (title: string, lines: readonly string[]): void => {
    printLine(styled("bold", title));
    for (const line of lines) printLine(`  ${line}`);
    printLine();
  };
  section("az", az);
  section("PowerShell", powerShell);
  section("JavaScript", javaScript);
  section("stampbook on another machine", stampbook);
  printLine("CLIENT_ID and SECRET: stampbook credentials create --role ROLE --scope SCOPE");
}
