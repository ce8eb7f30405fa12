/** A value that never prints: not in a log line, not in JSON, not in an error. */
export interface Secret {
  reveal(): string;
}

export function createSecret(value: string): Secret {
  const hidden = "[secret]";
  return Object.freeze({ reveal: () => value, toString: () => hidden, toJSON: () => hidden });
}
