import { type Decimal } from "../../lib/decimal.ts";
import { formatInstant, parseInstant } from "../../lib/instant.ts";
import { withoutQuoteOfFormula } from "../../lib/csvFormula.ts";
import { Fault } from "../faults/fault.ts";
import { type MeterId, meterId, subscriptionId } from "../ids.ts";
import type { Level } from "../rating/priceTerms.ts";
import { signedPriceNumber } from "../rating/priceNumber.ts";
import type { Layout, OurColumn } from "./columns.ts";

/** A row of the other side's file. */
export interface ReconciliationRow {
  readonly payer: string;
  /** As the file writes it; empty where it has none. */
  readonly stamp: string;
  /** Undefined where meters are known by a name. */
  readonly meter: MeterId | undefined;
  readonly meterName: string;
  /** Empty where the file has no days, and where the row is about the whole period. */
  readonly day: string;
  /** When it was used, where the file tells it apart from the day. */
  readonly eventMs: number | undefined;
  readonly quantity: Decimal | undefined;
  readonly price: Decimal | undefined;
  readonly amount: Decimal | undefined;
  readonly currency: string;
}

const US_DATE = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?:[ T](\d{1,2}):(\d\d)(?::(\d\d))?(?: ?([AP]M))?)?$/i;

/**
 * Reads the dates that reconciliation files have: ISO 8601, with or without a time, and the month/day/year of Azure's own
 * files (contract/usage.md §4); always UTC. Undefined when it is none, and for day/month/year, which nobody could tell apart.
 */
export function parseFileInstant(text: string): number | undefined {
  const us = US_DATE.exec(text);
  if (us === null) return parseInstant(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text.replace(" ", "T"));
  const [, month = "", day = "", year = "", hourText = "0", minute = "00", second = "00", half] = us;
  let hour = Number.parseInt(hourText, 10);
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return undefined;
    hour = (hour % 12) + (half.toUpperCase() === "PM" ? 12 : 0);
  }
  const two = (number: string): string => number.padStart(2, "0");
  return parseInstant(`${year}-${two(month)}-${two(day)}T${two(String(hour))}:${minute}:${second}Z`);
}

/** The calendar day of an instant in UTC: 2024-02-29. */
export const dayOf = (instantMs: number): string => formatInstant(instantMs).slice(0, 10);

/** The facts of the stamp's own record that a row carries along (contract/usage.md §4). */
interface StackFacts {
  readonly meter?: string;
  readonly eventTime?: string;
}

/** Reads rows of one file. */
export class RowReader {
  readonly #layout: Layout;
  readonly #level: Level;

  constructor(layout: Layout, level: Level) {
    this.#layout = layout;
    this.#level = level;
  }

  #text(cells: readonly string[], column: OurColumn): string {
    const place = this.#layout.at[column];
    return place === undefined ? "" : withoutQuoteOfFormula(cells[place] ?? "").trim();
  }

  #wrong(column: OurColumn, value: string, reason: string): Fault {
    const name = this.#layout.names[column] ?? column;
    return new Fault("ReconciliationValueInvalid", { column: name, value, reason }, { target: name });
  }

  /** @throws Fault PriceNumberInvalid, PriceTooManyDigits */
  #number(cells: readonly string[], column: OurColumn): Decimal | undefined {
    const text = this.#text(cells, column);
    return text === "" ? undefined : signedPriceNumber(this.#layout.names[column]!, text);
  }

  /**
   * @returns undefined where the row is of another level than the one that is compared
   * @throws Fault ReconciliationRowUnreadable, ReconciliationValueInvalid, PriceNumberInvalid, PriceTooManyDigits; the
   * target is the file's own name of the column
   */
  read(cells: readonly string[]): ReconciliationRow | undefined {
    const { at, width } = this.#layout;
    if (cells.length !== width) {
      const reason = `it has ${cells.length} values, and the header has ${width} columns`;
      throw new Fault("ReconciliationRowUnreadable", { reason });
    }
    const payer = this.#payer(cells);
    if (payer === undefined) return undefined;
    const stack = this.#stackFacts(cells);
    const dayText = this.#text(cells, "day");
    const quantityColumn = at.localQuantity === undefined ? "quantity" : "localQuantity";
    const row = {
      payer,
      stamp: this.#text(cells, "stamp"),
      ...this.#meter(cells, stack),
      day: dayText === "" ? "" : dayOf(this.#instant("day", dayText)),
      eventMs: this.#eventMs(cells, stack, dayText === ""),
      quantity: this.#number(cells, quantityColumn),
      price: this.#number(cells, "unitPrice"),
      amount: this.#number(cells, "amount"),
      currency: this.#text(cells, "currency").toUpperCase(),
    };
    if (row.quantity === undefined && row.amount === undefined) {
      throw this.#wrong(at.amount === undefined ? quantityColumn : "amount", "", "a number is needed");
    }
    return row;
  }

  #payer(cells: readonly string[]): string | undefined {
    const level = this.#text(cells, "level").toLowerCase();
    if (level !== "" && level !== this.#level) return undefined;
    const [text, party] = [this.#text(cells, "payer"), this.#text(cells, "party")];
    // Files of every level name customers by their subscription, and all others only by who they are.
    if (this.#layout.at.party !== undefined && (text === "") === (this.#level === "customer") && party !== "") {
      return undefined;
    }
    if (this.#level !== "customer" && text === "" && party !== "") return party;
    if (text === "") throw this.#wrong("payer", text, "a payer is needed");
    if (this.#level !== "customer") return text;
    const id = subscriptionId(text);
    if (id === undefined) throw this.#wrong("payer", text, "the GUID of a subscription is needed");
    return id;
  }

  #meter(
    cells: readonly string[],
    stack: StackFacts,
  ): { readonly meter: MeterId | undefined; readonly meterName: string } {
    const meterName = this.#text(cells, "meterName");
    const { grain } = this.#layout;
    if (grain === "name") {
      if (meterName === "") throw this.#wrong("meterName", "", "a meter is needed");
      return { meter: undefined, meterName };
    }
    const column = grain === "commerce" ? "meter" : "localMeter";
    const text = this.#text(cells, column) || (grain === "local" ? (stack.meter ?? "") : "");
    const meter = meterId(text);
    if (meter === undefined)
      throw this.#wrong(
        this.#layout.at[column] === undefined ? "additionalInfo" : column,
        text,
        "the id of a meter is needed",
      );
    return { meter, meterName };
  }

  #instant(column: OurColumn, text: string): number {
    const instant = parseFileInstant(text);
    if (instant !== undefined && instant >= 0) return instant;
    throw this.#wrong(column, text, "a date such as 2024-02-29 or 2/29/2024 is needed");
  }

  /** @param isWhole the row is about a whole period: then the period's first day is all that is known */
  #eventMs(cells: readonly string[], stack: StackFacts, isWhole: boolean): number | undefined {
    const begin = this.#text(cells, "periodStart");
    if (isWhole && begin !== "") return this.#instant("periodStart", begin);
    const text = this.#text(cells, "eventTime");
    if (text !== "") return this.#instant("eventTime", text);
    return stack.eventTime === undefined ? undefined : this.#instant("additionalInfo", stack.eventTime);
  }

  /** What is no JSON is of somebody else's making, and says nothing to us. */
  #stackFacts(cells: readonly string[]): StackFacts {
    const text = this.#text(cells, "additionalInfo");
    if (!text.startsWith("{")) return {};
    let info: unknown;
    try {
      info = JSON.parse(text);
    } catch {
      throw this.#wrong("additionalInfo", text, "it begins like JSON and is none");
    }
    const members = new Map(Object.entries(info as Record<string, unknown>).map(([k, v]) => [k.toLowerCase(), v]));
    const textOf = (name: string): string | undefined => {
      const value = members.get(name);
      return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
    };
    const [meter, eventTime] = [textOf("azurestack.meterid"), textOf("azurestack.eventdatetime")];
    return { ...(meter === undefined ? {} : { meter }), ...(eventTime === undefined ? {} : { eventTime }) };
  }
}
