import { type ChatRequest, lastMessageText, systemText } from "./wire.ts";

/** What a filter may look at. */
export interface RequestFacts {
  readonly model: string;
  readonly last: string;
  readonly system: string;
}

export interface RequestFilter {
  readonly model?: string | undefined;
  readonly contains?: string | undefined;
  readonly system_contains?: string | undefined;
}

export function factsOf(request: ChatRequest): RequestFacts {
  return { model: request.model, last: lastMessageText(request), system: systemText(request) };
}

export function matches(filter: RequestFilter, facts: RequestFacts): boolean {
  if (filter.model !== undefined && filter.model !== facts.model) return false;
  if (filter.contains !== undefined && !facts.last.includes(filter.contains)) return false;
  return filter.system_contains === undefined || facts.system.includes(filter.system_contains);
}
