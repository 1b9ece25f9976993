import type { Language } from "../faults/fault.ts";
import type { DiagnosisText } from "./texts.ts";

/** What a bridge can tell of a stamp or another source. */
export const BRIDGE_TEXTS = {
  ReadingStuck: {
    en: {
      what: "the hour {hour} is the next to be read, {hours} hours ago",
      remedy: [
        "See why in what the bridge tells: a stamp in maintenance, a credential, a full spool; or it does not run.",
      ],
    },
    "zh-Hans": {
      what: "下一个要读取的小时是 {hour}，已过去 {hours} 小时",
      remedy: ["从桥接器的输出查明原因：部署单元在维护、凭据失效、暂存已满，或桥接器没有运行。"],
    },
  },
  ClockSkewed: {
    en: {
      what: "the stamp's clock is {seconds} s {direction} this machine's",
      remedy: ["Set the time server of the stamp, or of this machine."],
    },
    "zh-Hans": {
      what: "部署单元的时钟比本机{direction} {seconds} 秒",
      remedy: ["校正部署单元或本机的时间服务器。"],
    },
  },
  SpoolFilling: {
    en: {
      what: "{bytes} of {bytesMax} bytes of the spool are used",
      remedy: ["Let the server take what waits, carry receipts back, or raise spoolBytesMax."],
    },
    "zh-Hans": {
      what: "暂存已使用 {bytes} 字节，上限 {bytesMax} 字节",
      remedy: ["让服务器收取等待的用量、带回回执，或提高 spoolBytesMax。"],
    },
  },
  RowsRejected: {
    en: {
      what: "the server rejected rows of {deliveries} deliveries; their files are kept",
      remedy: ["Put right what it said, then: stampbook bridge redeliver --config FILE"],
    },
    "zh-Hans": {
      what: "服务器拒绝了 {deliveries} 次送达中的行；其文件已保留",
      remedy: ["纠正服务器指出的问题，然后：stampbook bridge redeliver --config FILE"],
    },
  },
  PiecesSetAside: {
    en: {
      what: "the server did not take all of {pieces} pieces, which are kept: {names}",
      remedy: ["Put right what it said, then: stampbook bridge redeliver --config FILE"],
    },
    "zh-Hans": {
      what: "服务器未能完整收取 {pieces} 份用量，均已保留：{names}",
      remedy: ["纠正服务器指出的问题，然后：stampbook bridge redeliver --config FILE"],
    },
  },
  FilesRefused: {
    en: {
      what: "nothing was taken of {files} files: {names}",
      remedy: ["Put what is in them there again, whole and under new names."],
    },
    "zh-Hans": {
      what: "有 {files} 个文件未被收取：{names}",
      remedy: ["将其内容完整地以新文件名重新放入。"],
    },
  },
  BundlesUnconfirmed: {
    en: {
      what: "{bundles} bundles have no receipt: {numbers}",
      remedy: ["Carry their receipts back, or write them again: stampbook bridge export --again NUMBER"],
    },
    "zh-Hans": {
      what: "{bundles} 个数据包没有回执：{numbers}",
      remedy: ["带回其回执，或重新写出：stampbook bridge export --again NUMBER"],
    },
  },
  HoursUnconfirmed: {
    en: {
      what: "{hours} hours were read subscription by subscription only, because the stamp is slow",
      remedy: ["They are tried as a whole again; until then subscriptions that no list named may be missing."],
    },
    "zh-Hans": {
      what: "因部署单元缓慢，有 {hours} 小时只逐个订阅读取",
      remedy: ["它们会再次整体读取；在此之前，未列出的订阅可能缺失。"],
    },
  },
} as const satisfies Record<string, Record<Language, DiagnosisText>>;

/** A clock beside another. */
export const DIRECTION_WORDS: Readonly<Record<Language, Readonly<Record<"ahead" | "behind", string>>>> = {
  en: { ahead: "ahead of", behind: "behind" },
  "zh-Hans": { ahead: "快", behind: "慢" },
};
