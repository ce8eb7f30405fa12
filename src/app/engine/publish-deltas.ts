import { SpeakerKey } from "../../contract/agents.ts";
import { StepId, TurnId } from "../../contract/ids.ts";
import type { MessageDelta } from "../../contract/turn-events.ts";
import {
  addText,
  afterSending,
  beginReply,
  type Piece,
  pauseAfter,
  takePiece,
} from "../../domain/turn/delta-buffer.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Live } from "../../ports/live.ts";

interface DeltaPorts {
  readonly clock: Clock;
  readonly live: Live;
}

export interface DeltaPublisher {
  readonly onDelta: (text: string, call: number) => void;
  /** Resolves when nothing is under way any more. */
  settled(): Promise<void>;
}

interface DeltaSource {
  readonly turn: string;
  readonly step: string;
  readonly agentKey: string;
  readonly token: number;
}

/** Sends a reply's pieces while it is made: one sending at a time, never faster than allowed, and nothing waits for it. */
export function createDeltaPublisher({ clock, live }: DeltaPorts, source: DeltaSource): DeltaPublisher {
  const turnId = TurnId.parse(source.turn);
  const speaker = { step_id: StepId.parse(source.step), agent_key: SpeakerKey.parse(source.agentKey) };
  let buffer = beginReply("");
  let isSending = false;
  let maySendAtMs = 0;
  let under = Promise.resolve();
  const send = async (piece: Piece) => {
    const delta: MessageDelta = { turn_id: turnId, type: "message.delta", data: { ...speaker, ...piece } };
    const listeners = await live.tell(turnId, { kind: "delta", delta });
    buffer = afterSending(buffer, piece, listeners);
    maySendAtMs = clock.now().getTime() + pauseAfter(buffer);
    isSending = false;
  };
  return {
    onDelta(text, call) {
      const attempt = `${source.token}.${call}`;
      buffer = addText(buffer.attempt === attempt ? buffer : beginReply(attempt), text);
      if (isSending || clock.now().getTime() < maySendAtMs) return;
      const { piece, rest } = takePiece(buffer);
      if (piece === null) return;
      buffer = rest;
      isSending = true;
      under = send(piece);
    },
    settled: () => under,
  };
}
