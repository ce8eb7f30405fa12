import * as z from "zod";
import type { Clock } from "./clock.ts";
import type { Journal } from "./journal.ts";

const Endpoint = z.object({ name: z.string().optional(), url: z.string() });
export const EndpointReference = z.object({ name: z.string().optional(), url: z.string().optional() });
export const EndpointList = z.object({ endpoints: z.array(Endpoint) });
const Topic = z.object({
  name: z.string(),
  endpoints: z.array(Endpoint),
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type Endpoint = Readonly<z.infer<typeof Endpoint>>;
export type EndpointReference = Readonly<z.infer<typeof EndpointReference>>;
export type Topic = Readonly<z.infer<typeof Topic>>;

export interface Topics {
  get(name: string): Topic | undefined;
  list(): readonly Topic[];
  add(name: string, endpoints: readonly Endpoint[]): void;
  remove(name: string, endpoints: readonly EndpointReference[]): boolean;
  delete(name: string): boolean;
}

const journalPrefix = "topic:";

export function createTopics(clock: Clock, journal: Journal): Topics {
  const topicByName = new Map(journal.entries(journalPrefix, Topic));
  const save = (name: string, endpoints: readonly Endpoint[]) => {
    const createdAt = topicByName.get(name)?.createdAt ?? clock.now();
    const topic = { name, endpoints: [...endpoints], createdAt, updatedAt: clock.now() };
    topicByName.set(name, topic);
    journal.put(`${journalPrefix}${name}`, topic);
  };
  const erase = (name: string) => {
    journal.remove(`${journalPrefix}${name}`);
    return topicByName.delete(name);
  };
  return {
    get: (name) => topicByName.get(name),
    list: () => [...topicByName.values()],
    add(name, endpoints) {
      const known = topicByName.get(name)?.endpoints ?? [];
      save(name, [...known.filter((one) => !endpoints.some((added) => isSame(one, added))), ...endpoints]);
    },
    remove(name, endpoints) {
      const topic = topicByName.get(name);
      if (topic === undefined) return false;
      const left = topic.endpoints.filter((one) => !endpoints.some((removed) => isSame(one, removed)));
      if (left.length === 0) return erase(name);
      save(name, left);
      return true;
    },
    delete: erase,
  };
}

function isSame(endpoint: Endpoint, other: EndpointReference): boolean {
  return endpoint.url === other.url || (other.name !== undefined && endpoint.name === other.name);
}
