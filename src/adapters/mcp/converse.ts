import { exchange, hangUp, type Line, type Reply } from "./exchange.ts";
import {
  handshakeRequest,
  handshakeVersions,
  type Outgoing,
  type RpcRequest,
  readyNotice,
  type Session,
  sessionHeaders,
  sessionRequest,
  statelessRequest,
  unsupportedVersionCode,
} from "./protocol.ts";

export interface Question extends RpcRequest {
  readonly headers: Outgoing["headers"];
  /** May be asked again after any error: it changes nothing. */
  readonly isHarmless: boolean;
}

/** The refusals that say nothing about how the server wants to be spoken to. */
const plainRefusals = [401, 403, 407, 408, 413, 429];

/** Asks in the way of today and, of a server that does not know it, with a handshake. */
export async function converse(line: Line, question: Question): Promise<Reply> {
  const reply = await exchange(line, statelessRequest(question, question.headers));
  return wantsHandshake(reply, question) ? converseInSession(line, question) : reply;
}

// What was refused by its status was not carried out; an error with status 200 may have come after the effect.
function wantsHandshake(reply: Reply, { isHarmless }: Question): boolean {
  if (reply.kind === "failed" || reply.kind === "result") return false;
  if (reply.status >= 400 && reply.status < 500) return !plainRefusals.includes(reply.status);
  return reply.kind === "error" && (isHarmless || reply.code === unsupportedVersionCode);
}

async function converseInSession(line: Line, question: Question): Promise<Reply> {
  const opened = await exchange(line, handshakeRequest());
  if (opened.kind !== "result") return opened;
  const version = handshakeVersions.find((known) => known === opened.result.protocolVersion);
  if (version === undefined) return { kind: "failed", reason: "it speaks no version of the protocol that is known" };
  const session: Session = { version, id: opened.sessionId };
  await exchange(line, readyNotice(session));
  const reply = await exchange(line, sessionRequest(session, question));
  if (session.id !== null) await hangUp(line, sessionHeaders(session));
  return reply;
}
