import { faultAnswers } from "../../src/http/errorBody.ts";

/** Refusals of a server whose settings say nothing of them. */
export const DEFAULT_ANSWERS = faultAnswers(new Map(), () => "");
