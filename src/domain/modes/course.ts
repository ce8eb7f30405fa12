import type { ModeInput, ModeRules } from "../plan/mode-rules.ts";
import { managerKey, type PlannedStep, type StepPurpose } from "../plan/plan.ts";

/** Groups of steps, each of which begins when the one before has ended. */
type Course = (input: ModeInput) => readonly (readonly PlannedStep[])[];

/** What those modes have in common whose course is known from the start. */
export function fixedCourse(course: Course): Pick<ModeRules, "begin" | "next" | "most" | "usual"> {
  const whole = (input: ModeInput) => course(input).flat();
  return {
    begin: (input) => course(input)[0] ?? [],
    next: (input, { index }) => {
      const groups = course(input);
      const place = groups.findIndex((group) => group.some((step) => step.index === index));
      const isFollowed = groups[place]?.some(({ after }) => after.includes(index)) ?? true;
      return isFollowed ? [] : (groups[place + 1] ?? []);
    },
    most: whole,
    usual: whole,
  };
}

export interface SideBySide {
  readonly agentKeys: readonly string[];
  readonly round: number;
  /** The index of the first. */
  readonly first: number;
  readonly after: readonly number[];
  readonly sees: readonly number[];
  readonly purpose?: StepPurpose;
  readonly instruction?: string | null;
}

/** All at once and unseen by each other. */
export function parallelSteps(group: SideBySide): readonly PlannedStep[] {
  const { agentKeys, round, first, after, sees, purpose = "agent", instruction = null } = group;
  return agentKeys.map((agentKey, place) => ({
    index: first + place,
    purpose,
    agentKey,
    round,
    after,
    sees,
    instruction,
  }));
}

export function managed(step: Omit<PlannedStep, "agentKey" | "instruction">): PlannedStep {
  return { ...step, agentKey: managerKey, instruction: null };
}

/** The numbers from `first` on. */
export function rangeOf(length: number, first = 0): readonly number[] {
  return Array.from({ length }, (_, place) => first + place);
}
