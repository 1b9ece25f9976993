import type { Client } from "./client.ts";
import type {
  AssignmentInfo,
  FxRateInfo,
  ImportedSheetInfo,
  NewAssignmentInfo,
  SheetChangesInfo,
  SheetInfo,
  SheetVersionInfo,
  UnpricedMeterInfo,
  WholeVersionInfo,
} from "./priceTypes.ts";
import { allPages, type List, query } from "./query.ts";
import type { Call } from "./transport.ts";

const part = encodeURIComponent;
const sheetPath = (sheet: string): string => `/v1/price-sheets/${part(sheet)}`;

/** The part of the client that keeps price sheets, and says who is priced by which one. */
export class PriceCalls {
  readonly #client: Pick<Client, "call">;

  constructor(client: Pick<Client, "call">) {
    this.#client = client;
  }

  async #list<Row>(path: string): Promise<readonly Row[]> {
    return (await this.#client.call<List<Row>>({ method: "GET", path })).value;
  }

  async sheets(): Promise<readonly SheetInfo[]> {
    return await this.#list("/v1/price-sheets");
  }

  async versions(sheet: string): Promise<readonly SheetVersionInfo[]> {
    return await this.#list(`${sheetPath(sheet)}/versions`);
  }

  async version(sheet: string, version: number): Promise<WholeVersionInfo> {
    return await this.#client.call({ method: "GET", path: `${sheetPath(sheet)}/versions/${version}` });
  }

  /** @param format csv, json or ratecard */
  async file(sheet: string, version: number, format: string): Promise<string> {
    const path = `${sheetPath(sheet)}/versions/${version}/file${query({ format })}`;
    return await this.#client.call({ method: "GET", path, asText: true });
  }

  /** Of the newest two versions unless said. */
  async diff(
    sheet: string,
    of: { from?: number | undefined; to?: number | undefined } = {},
  ): Promise<SheetChangesInfo & { readonly before: number; readonly after: number }> {
    return await this.#client.call({ method: "GET", path: `${sheetPath(sheet)}/diff${query(of)}` });
  }

  /** All of the file or nothing: a refusal has a problem for each row that is wrong. */
  async import(sheet: string, stream: NonNullable<Call["stream"]>): Promise<ImportedSheetInfo> {
    return await this.#client.call({ method: "PUT", path: `${sheetPath(sheet)}/draft`, stream });
  }

  async discard(sheet: string): Promise<void> {
    await this.#client.call({ method: "DELETE", path: `${sheetPath(sheet)}/draft` });
  }

  /** @param how `from` is an instant; what is published is never changed */
  async publish(
    sheet: string,
    how: { readonly from: string; readonly reason: string; readonly correction?: boolean },
  ): Promise<{ readonly sheet: string; readonly version: number; readonly from: string }> {
    return await this.#client.call({ method: "POST", path: `${sheetPath(sheet)}/draft/publish`, json: how });
  }

  async confirm(
    sheet: string,
    version: number,
    price: { readonly commerceMeter: string; readonly region?: string; readonly reason: string },
  ): Promise<{ readonly commerceMeter: string; readonly changed: boolean }> {
    const path = `${sheetPath(sheet)}/versions/${version}/confirmations`;
    return await this.#client.call({ method: "POST", path, json: price });
  }

  async assignments(): Promise<readonly AssignmentInfo[]> {
    return await allPages(this.#client, "/v1/price-assignments");
  }

  async assign(assignment: NewAssignmentInfo): Promise<{ readonly changed: boolean }> {
    return await this.#client.call({ method: "POST", path: "/v1/price-assignments", json: assignment });
  }

  async fxRates(): Promise<readonly FxRateInfo[]> {
    return await allPages(this.#client, "/v1/fx-rates");
  }

  async setFxRate(
    rate: Pick<FxRateInfo, "period" | "from" | "to" | "rate" | "reason">,
  ): Promise<{ readonly changed: boolean }> {
    return await this.#client.call({ method: "POST", path: "/v1/fx-rates", json: rate });
  }

  /** Meters with usage that waits for a price. */
  async unpriced(): Promise<readonly UnpricedMeterInfo[]> {
    return await this.#list("/v1/unpriced-meters");
  }
}
