import * as z from "zod";

export const stepMessageVersion = 1;

/** The body of a queue message: ids only, at most 200 bytes. */
export const StepMessage = z.object({ v: z.literal(stepMessageVersion), turn: z.guid(), step: z.guid() });
export type StepMessage = z.infer<typeof StepMessage>;

/** As much as says whose message it was meant to be. */
export const MessageOfTurn = z.object({ turn: z.guid() });
