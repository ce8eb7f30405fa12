import type { Answer, Message, PublishRequest, Target } from "./message.ts";

export interface CallbackSource {
  readonly message: Message;
  readonly answer: Answer;
  readonly dlqId?: string;
}

/** The message that tells a callback, or a failure callback, how an attempt ended. */
export function callbackRequest(target: Target, source: CallbackSource): PublishRequest {
  const bodyBase64 = Buffer.from(JSON.stringify(callbackBody(source))).toString("base64");
  const header = { "content-type": ["application/json"], ...target.header };
  return { ...target, header, bodyBase64, labels: [] };
}

function callbackBody({ message, answer, dlqId }: CallbackSource): Readonly<Record<string, unknown>> {
  const { messageId, bodyBase64, dueAt, header } = message;
  const { retried, maxRetries, url, method, createdAt } = message;
  return {
    ...describeAnswer(answer),
    ...{ retried, maxRetries, url, method, createdAt, dlqId },
    sourceMessageId: messageId,
    sourceHeader: header,
    sourceBody: bodyBase64,
    notBefore: dueAt,
    callerIP: "127.0.0.1",
  };
}

function describeAnswer(answer: Answer): Readonly<Record<string, unknown>> {
  if (answer.kind === "response") return { status: answer.status, header: answer.header, body: answer.bodyBase64 };
  return { status: 0, header: {}, body: Buffer.from(answer.error).toString("base64") };
}
