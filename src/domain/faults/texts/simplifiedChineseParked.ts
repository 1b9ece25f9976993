import type { ParkedReason } from "../../statement/classify.ts";
import type { ParkedText } from "../parkedText.ts";

export const SIMPLIFIED_CHINESE_PARKED: Record<ParkedReason, ParkedText> = {
  Conflict: {
    meaning: "这是某条记录的较晚版本；其第一个版本已计入。",
    remedy: [
      "查看两个版本：stampbook usage conflicts list",
      "选择计入哪一个，并说明理由：stampbook usage conflicts choose RECORD --content DIGEST --reason 理由",
    ],
  },
  PeriodArchived: {
    meaning: "这些小时所在的月份已归档并定案：该用量会保存，但永不计入，也无法再判断它是否为新用量。",
    remedy: [
      "如要在仍开放的周期中手工计费，请先与该月的归档核对。",
      "误发的用量可以随其批次撤回：stampbook usage batches withdraw 批次 --reason 理由",
    ],
  },
  UnknownLocalSubscription: {
    meaning: "没有人说明该本地订阅在这些小时属于哪个租户。",
    remedy: [
      "说明它属于谁：stampbook local-subscriptions put {registration} {localSubscription} --tenant 租户",
      "如果只从较晚的小时起才为人所知，请用 --valid-from 时间 为更早的小时说明。",
      "然后重新运行该周期的对账单。",
    ],
  },
  UnknownMeter: {
    meaning: "在这些小时，目录和运营者都不认识该计量项。",
    remedy: [
      "添加它：stampbook meters add {meter} --name 名称 --unit 单位 --reason 理由",
      "说明按什么定价：stampbook meters map {meter} COMMERCE-METER --factor 系数 --reason 理由",
      "然后重新运行该周期的对账单。",
    ],
  },
  NoPrice: {
    meaning: "价目表中没有该计量项所依据的价格。",
    remedy: [
      "按一个有价格的计量项定价：stampbook meters map {meter} COMMERCE-METER --reason 理由",
      "或使用含有其价格的价目表；查看现有价格：stampbook prices",
    ],
  },
};
