import type { ControlStores } from "../../domain/controlStore.ts";
import { Fault } from "../../domain/faults/fault.ts";
import { type Registration, registrationResourceId } from "../../domain/registration/registration.ts";
import {
  type ApprovalAction,
  type ApprovalState,
  afterAction,
  approvalState,
  REASONED_ACTIONS,
} from "../../domain/tenancy/approval.ts";
import { approvalMail } from "../../domain/tenancy/approvalText.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";

export interface ApprovalStep {
  readonly action: ApprovalAction;
  readonly reason: string;
}

/** Who is said to have approved where the setting did. */
export const AUTO_APPROVER = "setting autoApprove";

/**
 * Requests, approves, denies or revokes multi-tenancy for a registration. Doing again what is already so changes
 * nothing and is no error. Where requests are approved at once, the history says that the setting did it.
 * @throws Fault ApprovalReasonMissing, ApprovalStateConflict
 */
export async function actOnApproval(
  { control, clock, approvals }: Context,
  caller: Caller,
  registration: Registration,
  { action, reason: given }: ApprovalStep,
): Promise<ApprovalState> {
  const reason = given.trim();
  const atMs = clock.now();
  const state = await control.transaction(async (stores) => {
    const before = approvalState(await stores.tenancy.approvalEvents(registration.id));
    const after = afterAction(before, action);
    if (after === undefined) {
      throw new Fault("ApprovalStateConflict", { registration: registration.name, action, state: before });
    }
    if (after === before) return before;
    if (reason === "" && REASONED_ACTIONS.includes(action)) {
      throw new Fault("ApprovalReasonMissing", { registration: registration.name, action });
    }
    const change = { registration, caller, atMs, notify: approvals.notify };
    await record(stores, { ...change, actor: caller.name, action, reason, before, after });
    if (action !== "request" || !approvals.autoApprove) return after;
    const automatic = { actor: AUTO_APPROVER, reason: "requests are approved at once" } as const;
    await record(stores, { ...change, ...automatic, action: "approve", before: after, after: "approved" });
    return "approved" as const;
  });
  approvals.recorded();
  return state;
}

interface ApprovalChange extends ApprovalStep {
  readonly registration: Registration;
  readonly caller: Caller;
  readonly actor: string;
  readonly atMs: number;
  readonly before: ApprovalState;
  readonly after: ApprovalState;
  readonly notify: boolean;
}

async function record(
  { tenancy, audit, notifications }: ControlStores,
  { registration, caller, actor, action, reason, atMs, before, after, notify }: ApprovalChange,
): Promise<void> {
  await tenancy.addApprovalEvent({ registration: registration.id, action, reason, actor, recordedAtMs: atMs });
  await audit.add({
    ...auditedBy(caller, atMs),
    action: `Stampbook/approvals/${action}`,
    target: registrationResourceId(registration),
    outcome: "done",
    detail: { before, after, reason, by: actor },
  });
  if (!notify) return;
  const { id, name, subscription, resourceGroup, cloudId } = registration;
  await notifications.add({
    kind: "approval",
    createdAtMs: atMs,
    payload: {
      action,
      before,
      after,
      actor,
      reason,
      registration: {
        registration: id,
        id: registrationResourceId(registration),
        name,
        subscription,
        resourceGroup,
        cloudId,
      },
      ...(action === "request" ? { mail: approvalMail(registration) } : {}),
    },
  });
}
