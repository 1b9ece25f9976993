import type { Command } from "commander";
import type { CreatedCredential } from "../../main.ts";
import { SETTINGS, type SettingName } from "../../settings.ts";
import { settingOption, settingsOf } from "../command.ts";
import { printNote, styled } from "../output.ts";

export function addServe(program: Command): void {
  const command = program.command("serve").description("run the server until it is told to stop");
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    if (name !== "dataFolder") command.addOption(settingOption(name));
  }
  command.action(async () => {
    const settings = settingsOf(command);
    const { serve } = await import("../../main.ts");
    await serve(settings, (so) => {
      printNote(`Stampbook listens on ${styled("bold", so.url, process.stderr)}; stop it with Ctrl-C.`);
      if (so.plainHttp) printNote("Without TLS: tokens and secrets can be read on the way.");
      if (so.authorityFile !== undefined) printNote(`Clients have to trust its private authority: ${so.authorityFile}`);
      printNote(`How tools connect: stampbook connect --data-folder ${settings.dataFolder}`);
      if (so.firstCredential !== undefined) printFirst(so.firstCredential);
    });
  });
}

/** To standard error, where no log goes. */
function printFirst({ credential, secret = "" }: CreatedCredential): void {
  printNote(
    "\nThe first credential, an application that may do everything. Its secret is shown this once and kept nowhere:",
  );
  printNote(`  client id  ${styled("bold", credential.clientId, process.stderr)}`);
  printNote(`  secret     ${styled("bold", secret, process.stderr)}`);
}
