import type { PriceInfo } from "../client/priceTypes.ts";

const priceText = ({ free, tiers }: PriceInfo): string =>
  free
    ? "free"
    : tiers.map(({ from, unitPrice }) => (tiers.length === 1 ? unitPrice : `${unitPrice} from ${from}`)).join(", ");

export const PRICE_TABLE = [
  { title: "meter", value: (so: PriceInfo) => so.name, cut: "end" as const },
  { title: "unit price", value: priceText, align: "right" as const },
  { title: "per", value: (so: PriceInfo) => so.unit },
  {
    title: "source",
    value: (so: PriceInfo) => (so.verified ? "published" : `UNVERIFIED (${so.confidence})`),
  },
  { title: "note", value: (so: PriceInfo) => so.note, cut: "end" as const },
];
