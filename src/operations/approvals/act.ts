import { Fault } from "../../domain/faults/fault.ts";
import { type Registration, registrationResourceId } from "../../domain/registration/registration.ts";
import { type ApprovalAction, type ApprovalState, afterAction, approvalState } from "../../domain/tenancy/approval.ts";
import { auditedBy, type Caller, type Context } from "../context.ts";

/**
 * Requests, approves, denies or revokes multi-tenancy for a registration. Doing again what is already so changes
 * nothing and is no error.
 * @throws Fault ApprovalStateConflict
 */
export async function actOnApproval(
  { control, clock }: Context,
  caller: Caller,
  registration: Registration,
  step: { readonly action: ApprovalAction; readonly reason: string },
): Promise<ApprovalState> {
  const recordedAtMs = clock.now();
  return await control.transaction(async ({ tenancy, audit }) => {
    const state = approvalState(await tenancy.approvalEvents(registration.id));
    const after = afterAction(state, step.action);
    if (after === undefined) {
      throw new Fault("ApprovalStateConflict", { registration: registration.name, action: step.action, state });
    }
    if (after === state) return state;
    await tenancy.addApprovalEvent({ registration: registration.id, ...step, actor: caller.name, recordedAtMs });
    await audit.add({
      ...auditedBy(caller, recordedAtMs),
      action: `Stampbook/approvals/${step.action}`,
      target: registrationResourceId(registration),
      outcome: "done",
      detail: { before: state, after, reason: step.reason },
    });
    return after;
  });
}
