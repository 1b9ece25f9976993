import { type Command, Option } from "commander";
import type { CreatedCredentialInfo, CredentialInfo, NewCredentialInfo, SigningKeyInfo } from "../../client/types.ts";
import { withClient } from "../command.ts";
import { printJson, printLine, printNote, printRows, styled } from "../output.ts";

interface CreateOptions {
  readonly user?: string;
  readonly public?: boolean;
  readonly clientId?: string;
  readonly name?: string;
  readonly redirectUri?: readonly string[];
  readonly role?: string;
  readonly scope?: string;
}

function wanted({
  user,
  public: isPublic,
  clientId,
  name,
  redirectUri,
  role,
  scope,
}: CreateOptions): NewCredentialInfo {
  const kind = user === undefined ? (isPublic === true ? "PublicClient" : "Application") : "User";
  const id = user ?? clientId;
  return {
    kind,
    ...(id === undefined ? {} : { clientId: id }),
    ...(name === undefined ? {} : { displayName: name }),
    ...(redirectUri === undefined ? {} : { redirectUris: redirectUri }),
    ...(role === undefined ? {} : { role }),
    ...(scope === undefined ? {} : { scope }),
  };
}

function printCreated(created: CreatedCredentialInfo): void {
  printLine(`${created.kind === "User" ? "user name" : "client id"}  ${created.clientId}`);
  printLine(`object id  ${created.objectId}`);
  printLine(`tenant     ${created.tenant}`);
  if (created.role !== undefined) printLine(`role       ${created.role} at ${created.scope ?? "/"}`);
  if (created.secret === null) return;
  printLine(`secret     ${styled("bold", created.secret)}`);
  printNote("The secret is shown this once and kept nowhere.");
}

export function addCredentials(program: Command): void {
  const credentials = program.command("credentials").description("who can sign in at the built-in issuer");

  credentials
    .command("list")
    .description("list the credentials, also revoked ones")
    .action((_, command: Command) =>
      withClient(command, async (client, output) => {
        const columns = [
          { title: "client id or user name", value: (so: CredentialInfo) => so.clientId, cut: "end" as const },
          { title: "kind", value: (so: CredentialInfo) => so.kind },
          { title: "name", value: (so: CredentialInfo) => so.displayName, cut: "end" as const },
          { title: "object id", value: (so: CredentialInfo) => so.objectId },
          { title: "created", value: (so: CredentialInfo) => so.createdAt },
          { title: "revoked", value: (so: CredentialInfo) => so.revokedAt ?? "" },
        ];
        printRows(output, await client.credentials(), columns, "There is no credential yet.");
      }),
    );

  credentials
    .command("create")
    .description("make a credential for an application, or for a user; its secret is printed once")
    .addOption(new Option("--user <name>", "for a user of this name, who signs in with a browser"))
    .addOption(new Option("--public", "for a program that can keep no secret").conflicts("user"))
    .addOption(new Option("--client-id <guid>", "a client id that the program comes with").conflicts("user"))
    .option("--name <text>", "what to show people")
    .option("--redirect-uri <uri...>", "where a browser may be sent back to after the sign-in")
    .option("--role <role>", "grant this role as well")
    .option("--scope <resource-id>", "where the role is granted: everywhere unless given")
    .action((options: CreateOptions, command: Command) =>
      withClient(command, async (client, { json }) => {
        const created = await client.createCredential(wanted(options));
        if (json) printJson(created);
        else printCreated(created);
      }),
    );

  credentials
    .command("revoke")
    .description("take a credential back for ever; what it did stays under its name")
    .argument("<client>", "client id, or name of a user")
    .action((name: string, _, command: Command) =>
      withClient(command, async (client, { json }) => {
        const result = await client.revokeCredential(name);
        if (json) printJson(result);
        else printLine(result.revoked ? `${name} cannot sign in any more.` : `${name} was revoked already.`);
      }),
    );
}

export function addSigningKeys(program: Command): void {
  const keys = program.command("signing-keys").description("keys that sign the tokens of the built-in issuer");

  keys
    .command("list")
    .description("list the keys that verify tokens, newest first")
    .action((_, command: Command) =>
      withClient(command, async (client, output) => {
        const columns = [
          { title: "key", value: (so: SigningKeyInfo) => so.kid },
          { title: "created", value: (so: SigningKeyInfo) => so.createdAt },
          { title: "retired", value: (so: SigningKeyInfo) => so.retiredAt ?? "" },
        ];
        printRows(output, await client.signingKeys(), columns, "There is no key yet; the first token makes one.");
      }),
    );

  keys
    .command("rotate")
    .description("sign with a new key from now on; tokens of the old one stay valid until they end")
    .action((_, command: Command) =>
      withClient(command, async (client, { json }) => {
        const made = await client.rotateSigningKey();
        if (json) printJson(made);
        else printLine(`Tokens are signed with key ${made.kid} from now on.`);
      }),
    );
}
