import type { Generated } from "kysely";

/** The control store's tables as Kysely sees them; migrations/ is the source, and schema.sqlite.sql its dump. */
export interface Tables {
  registration: {
    id: Generated<number>;
    subscription_id: string;
    resource_group: string;
    name: string;
    scope_key: string;
    cloud_id: string;
    object_id: string;
    billing_model: string;
    created_at_ms: number;
    updated_at_ms: number;
  };
  approval_event: {
    id: Generated<number>;
    registration_id: number;
    action: string;
    actor: string;
    reason: string;
    recorded_at_ms: number;
  };
  catalogue_subscription: {
    subscription_id: string;
    display_name: string;
    offer_type: string;
    state: string;
    partner: string;
    reseller: string | null;
    customer: string | null;
    tenant_id: string | null;
    updated_at_ms: number;
  };
  local_subscription_change: {
    id: Generated<number>;
    registration_id: number;
    local_subscription_id: string;
    tenant_id: string;
    display_name: string;
    state: string;
    recorded_at_ms: number;
  };
  mapping_change: {
    id: Generated<number>;
    registration_id: number;
    tenant_id: string;
    customer_subscription_id: string | null;
    effective_hour: number;
    recorded_at_ms: number;
    recorded_by: string;
  };
  mapping_current: {
    registration_id: number;
    tenant_id: string;
    customer_subscription_id: string;
    change_id: number;
  };
  usage_batch: {
    id: Generated<number>;
    registration_id: number;
    started_at_ms: number;
    finished_at_ms: number | null;
    accepted: Generated<number>;
    duplicate: Generated<number>;
    conflict: Generated<number>;
    parked: Generated<number>;
    rejected: Generated<number>;
  };
  statement_run: {
    id: Generated<number>;
    period: string;
    price_sheet: string;
    known_until_ms: number;
    last_batch: number;
    facts: string;
  };
  statement: {
    number: string;
    run_id: number;
    payer: string;
    currency: string;
    total: string;
    line_count: number;
  };
  statement_line: {
    statement_number: string;
    line: number;
    registration_id: number;
    meter: string;
    quantity: string;
    amount: string;
    facts: string;
  };
  audit_record: {
    id: Generated<number>;
    at_ms: number;
    actor: string;
    action: string;
    target: string;
    outcome: string;
    detail: string;
  };
}
