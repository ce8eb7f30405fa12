export interface QueueMessage {
  readonly entrypoint: "steps" | "deliveries";
  readonly body: string;
  /** Fresh for every publish that must arrive: a constant one can swallow it for as long as 90 days. */
  readonly deduplicationId: string;
  readonly delaySeconds?: number;
}

export interface Queue {
  /** One request whatever the number; a failure means that any of them may or may not have been accepted. */
  publish(messages: readonly QueueMessage[]): Promise<void>;
}
