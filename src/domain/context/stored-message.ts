/** A message as the database hands it over, whoever reads it. */
export interface StoredMessage {
  readonly id: string;
  readonly turn_index: number;
  /** 0 for the user's own, then the step's index plus one. */
  readonly position: number;
  readonly author: "user" | "agent" | "failed_agent";
  readonly agent_key: string | null;
  readonly agent_name: string | null;
  readonly error_type: string | null;
  readonly text: string;
}
