import { isUtf8 } from "node:buffer";
import type { LogEvent } from "./event-log.ts";
import type { Message, PublishRequest } from "./message.ts";

type View = Readonly<Record<string, unknown>>;

export function viewMessage(message: Message): View {
  const { messageId, url, method, maxRetries, createdAt, dueAt } = message;
  return {
    ...{ messageId, url, method, maxRetries, createdAt },
    notBefore: dueAt,
    callerIp: "127.0.0.1",
    ...viewSettings(message),
  };
}

export function viewEvent({ time, state, message, nextDeliveryTime, error }: LogEvent): View {
  const { messageId, url, header, labels } = message;
  const [label] = labels;
  return {
    ...{ time, state, messageId, nextDeliveryTime, error, url, label, labels },
    header: Object.fromEntries(Object.entries(header).map(([name, values]) => [name, values.join(",")])),
    body: message.bodyBase64,
  };
}

function viewSettings(settings: Omit<PublishRequest, "url">): View {
  const { header, flowControl, labels, retryDelayExpression } = settings;
  return {
    header,
    ...viewBody(settings.bodyBase64),
    retryDelayExpression,
    flowControlKey: flowControl?.key,
    parallelism: flowControl?.parallelism,
    rate: flowControl?.rate,
    period: flowControl === undefined ? undefined : flowControl.periodMs / 1000,
    label: labels[0],
    labels: labels.length === 0 ? undefined : labels,
  };
}

function viewBody(base64: string): { readonly body?: string; readonly bodyBase64?: string } {
  const bytes = Buffer.from(base64, "base64");
  return isUtf8(bytes) ? { body: bytes.toString("utf8") } : { bodyBase64: base64 };
}
