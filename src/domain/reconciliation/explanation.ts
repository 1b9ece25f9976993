import type { Language } from "../faults/fault.ts";
import type { Difference, Situation } from "./cause.ts";

/** One sentence for each situation: what it is, and what to do. `{other}`, `{ours}` and `{theirs}` are the difference's. */
const TEXTS: Readonly<Record<Language, Readonly<Record<Situation, string>>>> = {
  en: {
    "late-theirs":
      "The other side counts usage that came after our statement: issue a correction with stampbook corrections issue.",
    "late-ours":
      "We count usage that came late, and the other side did not have it yet: look for it in the file of the next period.",
    "arrived-later":
      "The other side counts this usage on {other}, when it arrived: nothing has to be done, the sum is the same.",
    "arrived-from-other-period":
      "The other side counts usage of {other}, which is not of this period, on the day of its arrival: compare it with the statement of its own period.",
    "unmapped-theirs":
      "The other side charges this usage to the other payer {other}, because its tenant was not mapped there: register the mapping with the other side and ask for a correction.",
    "unmapped-ours":
      "We charge this usage to the other payer {other}, because its tenant is not mapped here: map it with stampbook tenants map, and issue a correction.",
    "waiting-ours":
      "The other side charges usage that waits here, because nobody knows whose it is: see stampbook usage parked and resolve it.",
    "other-price":
      "The other side has unit price {theirs} where ours is {ours}: compare both with the price list of that day, and correct the one that is wrong.",
    "other-tier":
      "Both sides have the unit price {other}, for other quantities: compare the bounds of the tiers in both price lists.",
    "other-currency":
      "The other side bills in {theirs} and we in {ours}: compare with a file in {ours}, or name its column of that currency.",
    rounded:
      "Quantity and price are the same, and only the amounts are rounded otherwise: nothing has to be done, or agree on one rounding.",
    "rounded-quantity":
      "The other quantity is ours, rounded to the decimals that it is written with: nothing has to be done, or ask for all its digits.",
    missing:
      "The other side has nothing for it: ask why it was not billed, or look for it in the file of the next period.",
    extra: "We have nothing for it: look whether its usage was delivered here, and under which meter and payer.",
    quantity: "Both sides have it, with quantities that nothing known here explains: compare the records behind both.",
    amount:
      "The other amount does not follow from its own quantity and price: ask for how it was made, a credit perhaps.",
  },
  "zh-Hans": {
    "late-theirs": "对方计入了在我方对账单之后到达的用量：请用 stampbook corrections issue 开具更正单。",
    "late-ours": "我方计入了迟到的用量，对方当时尚未收到：请在下一周期的文件中查找。",
    "arrived-later": "对方将此用量计在其到达日 {other}：总和相同，无需处理。",
    "arrived-from-other-period": "对方将 {other} 的用量（不属于本周期）计在其到达日：请与其所属周期的对账单比较。",
    "unmapped-theirs": "对方因租户未映射而将此用量计给另一付款方 {other}：请在对方登记映射并要求更正。",
    "unmapped-ours":
      "我方因租户未映射而将此用量计给另一付款方 {other}：请用 stampbook tenants map 映射，然后开具更正单。",
    "waiting-ours": "对方计费的用量在我方等待处理，因为无人知道其归属：请查看 stampbook usage parked 并处理。",
    "other-price": "对方单价为 {theirs}，我方为 {ours}：请将两者与当日价目表核对，并更正有误的一方。",
    "other-tier": "双方均有单价 {other}，但数量不同：请比较两份价目表的阶梯界限。",
    "other-currency": "对方以 {theirs} 计费，我方以 {ours}：请与 {ours} 的文件比较，或指明该货币的列。",
    rounded: "数量与单价相同，仅金额的舍入不同：无需处理，或约定同一舍入方式。",
    "rounded-quantity": "对方数量是按其书写的小数位舍入的我方数量：无需处理，或索取其全部位数。",
    missing: "对方没有此项：请询问为何未计费，或在下一周期的文件中查找。",
    extra: "我方没有此项：请检查其用量是否已送达，以及属于哪个计量项和付款方。",
    quantity: "双方均有此项，但数量之差无法由此处已知的任何情况解释：请比较双方背后的记录。",
    amount: "对方金额不能由其自身的数量与单价得出：请询问其由来，可能是抵免。",
  },
};

export function explanationOf({ situation, other, ours, theirs }: Difference, language: Language): string {
  const values: Readonly<Record<string, string | null>> = { other, ours, theirs };
  return TEXTS[language][situation].replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "-");
}
