import * as z from "zod";
import type { Clock } from "./clock.ts";
import { parseCron } from "./cron.ts";
import type { Journal } from "./journal.ts";
import { PublishRequest } from "./message.ts";

export const Schedule = z.object({
  scheduleId: z.string(),
  cron: z.string(),
  destination: z.string(),
  submission: PublishRequest.omit({ url: true }),
  isPaused: z.boolean(),
  createdAt: z.number(),
  lastScheduleTime: z.number().optional(),
  nextScheduleTime: z.number().optional(),
});
export type Schedule = Readonly<z.infer<typeof Schedule>>;

export type NewSchedule = Pick<Schedule, "scheduleId" | "cron" | "destination" | "submission">;

export interface Schedules {
  get(scheduleId: string): Schedule | undefined;
  list(): readonly Schedule[];
  /** Creates or replaces. */
  put(schedule: NewSchedule): void;
  setPaused(scheduleId: string, isPaused: boolean): boolean;
  delete(scheduleId: string): boolean;
}

export interface SchedulesOptions {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly fire: (schedule: Schedule) => void;
}

const journalPrefix = "schedule:";

export function createSchedules(options: SchedulesOptions): Schedules {
  const { clock, journal } = options;
  const scheduleById = new Map<string, Schedule>();
  const disarmById = new Map<string, () => void>();

  const save = (schedule: Schedule) => {
    const nextScheduleTime = parseCron(schedule.cron)?.(clock.now());
    const saved = { ...schedule, nextScheduleTime };
    scheduleById.set(schedule.scheduleId, saved);
    journal.put(`${journalPrefix}${schedule.scheduleId}`, saved);
    disarmById.get(schedule.scheduleId)?.();
    if (nextScheduleTime === undefined) return;
    disarmById.set(
      schedule.scheduleId,
      clock.schedule(nextScheduleTime, () => ring(schedule.scheduleId), "background"),
    );
  };
  const ring = (scheduleId: string) => {
    const schedule = scheduleById.get(scheduleId);
    if (schedule === undefined) return;
    if (!schedule.isPaused) options.fire(schedule);
    save(schedule.isPaused ? schedule : { ...schedule, lastScheduleTime: clock.now() });
  };
  for (const [, schedule] of journal.entries(journalPrefix, Schedule)) save(schedule);
  return {
    get: (scheduleId) => scheduleById.get(scheduleId),
    list: () => [...scheduleById.values()],
    put: (schedule) => save({ ...schedule, isPaused: false, createdAt: clock.now() }),
    setPaused(scheduleId, isPaused) {
      const schedule = scheduleById.get(scheduleId);
      if (schedule !== undefined) save({ ...schedule, isPaused });
      return schedule !== undefined;
    },
    delete(scheduleId) {
      disarmById.get(scheduleId)?.();
      disarmById.delete(scheduleId);
      journal.remove(`${journalPrefix}${scheduleId}`);
      return scheduleById.delete(scheduleId);
    },
  };
}
