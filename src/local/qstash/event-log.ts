import type { Message } from "./message.ts";

export type EventState = "CREATED" | "ACTIVE" | "DELIVERED" | "ERROR" | "RETRY" | "FAILED";

export interface LogEvent {
  readonly time: number;
  readonly state: EventState;
  readonly message: Message;
  readonly nextDeliveryTime?: number;
  readonly error?: string;
}

export interface EventLog {
  add(event: LogEvent): void;
  /** Newest first. */
  list(): readonly LogEvent[];
}

export function createEventLog(capacity = 10_000): EventLog {
  const events: LogEvent[] = [];
  return {
    add(event) {
      events.push(event);
      if (events.length > 2 * capacity) events.splice(0, events.length - capacity);
    },
    list: () => events.slice(-capacity).reverse(),
  };
}
