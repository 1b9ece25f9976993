import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Fault } from "../domain/faults/fault.ts";
import { SettingProblem } from "./settingKinds.ts";
import { type BridgeSettings, readBridgeSettings } from "./settings.ts";

/** A configuration that was checked, with its paths made absolute: they count from the file's folder. */
export interface BridgeConfig extends BridgeSettings {
  readonly file: string;
}

/** @throws Fault FileUnreadable, BridgeConfigInvalid */
export function readConfig(file: string): BridgeConfig {
  const text = readText(file);
  const folder = dirname(resolve(file));
  const path = (given: string): string => (given === "" ? "" : resolve(folder, given));
  try {
    const settings = readBridgeSettings(parse(text));
    return {
      ...settings,
      file: resolve(file),
      stateFolder: path(settings.stateFolder),
      serverCaFile: path(settings.serverCaFile),
      serverCredentialFile: path(settings.serverCredentialFile),
      stamps: settings.stamps.map((so) => ({
        ...so,
        caFile: path(so.caFile),
        credentialFile: path(so.credentialFile),
      })),
      folders: settings.folders.map((so) => ({
        ...so,
        folder: path(so.folder),
        doneFolder: path(so.doneFolder),
      })),
      httpSources: settings.httpSources.map((so) => ({
        ...so,
        caFile: path(so.caFile),
        tokenFile: path(so.tokenFile),
      })),
    };
  } catch (error) {
    if (!(error instanceof SettingProblem)) throw error;
    throw new Fault("BridgeConfigInvalid", { file, setting: error.setting, reason: error.message });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SettingProblem("(file)", `it is not JSON: ${(error as Error).message}`);
  }
}

/** The text of a file. @throws Fault FileUnreadable */
export function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Fault("FileUnreadable", { file, reason: (error as Error).message }, { cause: error });
  }
}
