export interface Frame {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: string;
}

/** Reads an event stream as it comes, in pieces cut anywhere; only whole frames with data count. */
export function createFrameReader(onFrame: (frame: Frame) => void) {
  const decoder = new TextDecoder();
  let text = "";
  return {
    read(bytes: Uint8Array) {
      text += decoder.decode(bytes, { stream: true });
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const frame = text.slice(0, end);
        text = text.slice(end + 2);
        const data = fieldOf(frame, "data");
        if (data !== undefined) onFrame({ id: fieldOf(frame, "id"), event: fieldOf(frame, "event"), data });
      }
    },
  };
}

function fieldOf(frame: string, name: string): string | undefined {
  return new RegExp(`^${name}: ?(.*)$`, "m").exec(frame)?.[1];
}
