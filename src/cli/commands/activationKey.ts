import { writeFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import type { Command } from "commander";
import { Fault } from "../../domain/faults/fault.ts";
import { verifyActivationKey } from "../../domain/registration/verifyActivationKey.ts";
import type { JsonWebKey } from "../../lib/jws.ts";
import { globalOptions, withClient } from "../command.ts";
import { readJsonFile, readTextFile, textOf } from "../files.ts";
import { printJson, printLine, printNote, styled } from "../output.ts";

export function addActivationKey(program: Command): void {
  const key = program.command("activation-key").description("what a stamp is activated with");

  key
    .command("get")
    .description("make the activation key of a registration")
    .argument("<registration>", "number, name, cloud id or resource id")
    .option("--out <file>", "write it to this file instead of standard output; only this user can read the file")
    .action((registration: string, { out }: { out?: string }, command: Command) =>
      withClient(command, async (client, { json }) => {
        const activationKey = await client.activationKey(registration);
        if (out !== undefined) await writeSecret(out, `${activationKey}\n`);
        if (json) printJson(out === undefined ? { activationKey } : { file: out });
        else printLine(out === undefined ? activationKey : `The activation key of ${registration} is in ${out}.`);
      }),
    );

  key
    .command("verify")
    .description("check the signature of an activation key and print what it says")
    .argument("<file>", "file with the key; - reads standard input")
    .option(
      "--jwks <file>",
      "verification keys as GET /.well-known/stampbook/activation-keys gives them; asks no server",
    )
    .action(async (file: string, { jwks }: { jwks?: string }, command: Command) => {
      const given = file === "-" ? textOf(await buffer(process.stdin)) : await readTextFile(file);
      if (jwks !== undefined) {
        await verify(given, await keysIn(jwks), globalOptions(command).json);
        return;
      }
      await withClient(command, async (client, { json }) => {
        await verify(given, (await client.verificationKeys()).keys, json);
      });
    });

  key
    .command("rotate")
    .description("sign with a new key from now on; what was signed before still verifies")
    .action((_, command: Command) =>
      withClient(command, async (client, { json }) => {
        const { kid, retired } = await client.rotateActivationKey();
        if (json) printJson({ kid, retired });
        else printLine(`Activation keys are signed with ${kid} from now on; ${retired.length} retired.`);
      }),
    );
}

async function verify(given: string, keys: readonly JsonWebKey[], json: boolean): Promise<void> {
  const { kid, payload } = await verifyActivationKey(given, keys);
  if (json) {
    printJson({ kid, payload });
    return;
  }
  printNote(`${styled("green", "valid", process.stderr)}  signed with key ${kid}`);
  printJson(payload);
}

/** @throws Fault FileUnreadable, InvalidRequestContent */
async function keysIn(file: string): Promise<readonly JsonWebKey[]> {
  const set = await readJsonFile<{ readonly keys?: readonly JsonWebKey[] } | null>(file);
  if (Array.isArray(set?.keys)) return set.keys as readonly JsonWebKey[];
  throw new Fault("InvalidRequestContent", { reason: `${file} is no JSON Web Key Set: it has no array keys` });
}

/** @throws Fault FileUnwritable */
async function writeSecret(file: string, content: string): Promise<void> {
  try {
    await writeFile(file, content, { mode: 0o600 });
  } catch (error) {
    throw new Fault("FileUnwritable", { file, reason: (error as Error).message }, { cause: error });
  }
}
