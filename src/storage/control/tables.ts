import type { Generated } from "kysely";
import type { BATCH_KINDS } from "../../domain/usage/batch.ts";

/** The control store's tables as Kysely sees them; migrations/ is the source, and schema.sqlite.sql its dump. */
export interface Tables {
  registration: {
    id: Generated<number>;
    subscription_id: string;
    resource_group: string;
    name: string;
    name_key: string;
    scope_key: string;
    cloud_id: string;
    cloud_id_key: string;
    object_id: string;
    billing_model: string;
    created_at_ms: number;
    updated_at_ms: number;
    tags: string;
    version: number;
    token_facts: string;
    token_digest: string;
    remote_management: number;
    created_by: string;
    created_by_type: string;
    updated_by: string;
    updated_by_type: string;
    deleted_at_ms: number | null;
  };
  resource_group: {
    subscription_id: string;
    name_key: string;
    name: string;
    location: string;
    tags: string;
    managed_by: string | null;
    created_at_ms: number;
    updated_at_ms: number;
  };
  provider_registration: {
    subscription_id: string;
    namespace: string;
    state: string;
    changed_at_ms: number;
  };
  management_lock: {
    scope_key: string;
    name_key: string;
    scope: string;
    name: string;
    level: string;
    notes: string;
    created_by: string;
    created_at_ms: number;
  };
  role_assignment: {
    id: string;
    scope_key: string;
    scope: string;
    issuer: string;
    principal_id: string;
    principal_type: string;
    role_definition_id: string;
    created_by: string;
    created_at_ms: number;
  };
  signing_key: {
    kid: string;
    purpose: string;
    algorithm: string;
    private_jwk: string;
    created_at_ms: number;
    retired_at_ms: number | null;
  };
  credential: {
    client_id: string;
    client_id_key: string;
    kind: string;
    object_id: string;
    display_name: string;
    secret_hash: string;
    redirect_uris: Generated<string>;
    created_at_ms: number;
    created_by: string;
    revoked_at_ms: number | null;
  };
  directory: {
    single: number;
    id: string;
    created_at_ms: number;
  };
  catalogue_change: {
    id: Generated<number>;
    subscription_id: string;
    content: string | null;
    actor: string;
    recorded_at_ms: number;
  };
  idempotent_answer: {
    registration_id: number;
    key: string;
    caller: string;
    fingerprint: string;
    created_at_ms: number;
    status: number;
    content_type: string;
    content_language: string;
    body: Uint8Array;
  };
  notification: {
    id: Generated<number>;
    kind: string;
    payload: string;
    created_at_ms: number;
    attempts: Generated<number>;
    next_attempt_at_ms: number;
    delivered_at_ms: number | null;
    given_up_at_ms: number | null;
    last_error: Generated<string>;
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
    provider: string | null;
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
    owner: string;
    offer: string;
    effective_hour: number;
    recorded_by: string;
  };
  billing_model_change: {
    id: Generated<number>;
    registration_id: number;
    billing_model: string;
    effective_hour: number;
    recorded_at_ms: number;
    recorded_by: string;
    cores: number | null;
  };
  operator_meter_change: {
    id: Generated<number>;
    meter: string;
    name: string;
    resource_provider: string;
    unit: string;
    service_category: string;
    service_subcategory: string;
    service_name: string;
    consumed_unit: string;
    reason: string;
    effective_hour: number;
    recorded_at_ms: number;
    recorded_by: string;
  };
  meter_mapping_change: {
    id: Generated<number>;
    meter: string;
    commerce_meter: string | null;
    factor: string;
    reason: string;
    effective_hour: number;
    recorded_at_ms: number;
    recorded_by: string;
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
    recorded_by: Generated<string>;
    kind: Generated<(typeof BATCH_KINDS)[number]>;
    decision: string | null;
    withdrawn_by: Generated<number | null>;
    ended: Generated<number>;
    reported_until_ms: Generated<number | null>;
    broken_off: Generated<number>;
  };
  usage_day_mark: {
    registration_id: number;
    day: number;
    touched_by: number;
    rolled_up_to: Generated<number>;
  };
  usage_horizon: {
    single: number;
    first_hour: number;
    raised_by: string;
    raised_at_ms: number;
  };
  usage_archive: {
    month: string;
    file: string;
    bytes: number;
    sha256: string;
    entries: number;
    fingerprint: string;
    newest_batch: number;
    sums: string;
    archived_at_ms: number;
    archived_by: string;
    dropped_at_ms: number | null;
  };
  usage_archive_delivery: {
    month: string;
    delivery: number;
    entries: number;
  };
  statement_run: {
    id: Generated<number>;
    period: string;
    price_sheet: string;
    known_until_ms: number;
    last_batch: number;
    mark: string;
    facts: string;
  };
  statement: {
    number: string;
    run_id: number;
    level: string;
    payer: string;
    issuer: string;
    partner: string;
    content: string;
    currency: string;
    total: string;
    line_count: number;
    lines: Uint8Array;
  };
  statement_fact: {
    run_id: number;
    number: number;
    facts: string;
  };
  closing: {
    id: Generated<number>;
    kind: string;
    period: string;
    from_hour: number;
    to_hour: number;
    partner: string;
    known_until_ms: number;
    last_batch: number;
    mark: string;
    closed_at_ms: number;
    closed_by: string;
    facts: string;
  };
  document_issuer: {
    name: string;
    prefix: string;
    last_sequence: number;
  };
  document: {
    number: string;
    kind: string;
    closing_id: number;
    issuer: string;
    sequence: number;
    level: string;
    payer: string;
    partner: string;
    period: string;
    issued_in: string;
    corrects: string | null;
    currency: string;
    total: string;
    line_count: number;
    hash: string;
    facts: string;
  };
  document_fact: {
    closing_id: number;
    number: number;
    facts: string;
  };
  document_piece: {
    document_number: string;
    first_line: number;
    line_count: number;
    lines: string;
  };
  audit_record: {
    id: Generated<number>;
    at_ms: number;
    actor: string;
    action: string;
    target: string;
    outcome: string;
    detail: string;
    actor_id: string;
    address: string;
    correlation_id: string;
    hash: string;
  };
  price_sheet_version: {
    sheet: string;
    version: number;
    name: string;
    currency: string;
    state: string;
    from_hour: number | null;
    content: string;
    created_at_ms: number;
    created_by: string;
    published_at_ms: number | null;
    published_by: string | null;
    reason: Generated<string>;
  };
  price_assignment: {
    id: Generated<number>;
    level: string;
    party_kind: string;
    party_id: string;
    terms: string | null;
    reason: string;
    effective_hour: number;
    recorded_at_ms: number;
    recorded_by: string;
  };
  price_confirmation: {
    id: Generated<number>;
    sheet: string;
    version: number;
    commerce_meter: string;
    region: string | null;
    reason: string;
    recorded_at_ms: number;
    recorded_by: string;
  };
  fx_rate: {
    id: Generated<number>;
    period: string;
    from_currency: string;
    to_currency: string;
    rate: string;
    reason: string;
    recorded_at_ms: number;
    recorded_by: string;
  };
}
