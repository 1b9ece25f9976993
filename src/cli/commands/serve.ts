import type { Command } from "commander";
import { serve } from "../../main.ts";
import { SETTINGS, type SettingName } from "../../settings.ts";
import { settingOption, settingsOf } from "../command.ts";
import { printNote, styled } from "../output.ts";

export function addServe(program: Command): void {
  const command = program.command("serve").description("run the server until it is told to stop");
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    if (name !== "dataFolder") command.addOption(settingOption(name));
  }
  command.action(async () => {
    await serve(settingsOf(command), (url) => {
      printNote(`Stampbook listens on ${styled("bold", url, process.stderr)}; stop it with Ctrl-C.`);
      printNote("There is no sign-in yet: whoever reaches this address may do everything.");
    });
  });
}
