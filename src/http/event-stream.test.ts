import { expect, it } from "vitest";
import { seenSeq, wantsEventStream } from "./event-stream.ts";

const only = (wanted: string, value: string | undefined) => (name: string) => (name === wanted ? value : undefined);

it.each([
  ["text/event-stream", true],
  ["TEXT/Event-Stream", true],
  ["text/event-stream; charset=utf-8", true],
  ["text/event-stream, */*;q=0.1", true],
  ["text/event-stream;q=0.5", true],
  ["application/json, text/event-stream", true],
  ["application/json;q=0.4, text/event-stream;q=0.5", true],
  ["application/json, text/event-stream;q=0.5", false],
  ["text/event-stream;q=0.1, application/json", false],
  ["text/event-stream;q=0", false],
  ["text/event-streams", false],
  ["text/*", false],
  ["*/*", false],
  ["", false],
  [undefined, false],
])("for Accept %s a stream: %s", (accept, isStream) => {
  expect(wantsEventStream(only("accept", accept))).toBe(isStream);
});

it.each([
  ["0", 0],
  ["7", 7],
  ["007", 7],
  ["999999999", 999_999_999],
  ["9999999999", 2_147_483_647],
  ["-1", 4],
  ["1.5", 4],
  ["1e3", 4],
  ["seven", 4],
  ["", 4],
  [undefined, 4],
])("takes Last-Event-ID %j for the place %i, and the address's where it is none of ours", (last, seq) => {
  expect(seenSeq(only("last-event-id", last), 4)).toBe(seq);
});
