import {
  type ActiveFaults,
  type FaultName,
  FaultSwitches,
  type FaultSwitchesInput,
  refusalSwitches,
  replySwitches,
  wireSwitches,
} from "./fault-switches.ts";
import { matches, type RequestFacts } from "./request-facts.ts";
import { stableFraction } from "./stable-hash.ts";

export interface FaultBox {
  replace(switches: FaultSwitchesInput): void;
  clear(): void;
  switches(): FaultSwitches;
  fired(): Readonly<Record<string, number>>;
  draw(request: RequestFacts): ActiveFaults;
}

type Rule = NonNullable<FaultSwitches[FaultName]>[number];

interface RuleState {
  seen: number;
  fired: number;
  readonly seenByText: Map<string, number>;
}

export function createFaultBox(): FaultBox {
  let switches: FaultSwitches = {};
  let states = new Map<Rule, RuleState>();
  let fired: Record<string, number> = {};

  const fires = (name: FaultName, request: RequestFacts): Rule | undefined => {
    const rule = switches[name]?.find((candidate) => ruleFires(candidate, stateOf(states, candidate), request));
    if (rule !== undefined) fired[name] = (fired[name] ?? 0) + 1;
    return rule;
  };

  return {
    replace(next) {
      switches = FaultSwitches.parse(next);
      states = new Map();
      fired = {};
    },
    clear() {
      switches = {};
      states = new Map();
      fired = {};
    },
    switches: () => switches,
    fired: () => ({ ...fired }),
    draw(request) {
      for (const name of namesOf(refusalSwitches)) {
        const rule = fires(name, request);
        if (rule !== undefined) return toActive([[name, rule]]);
      }
      const drawn: [FaultName, Rule][] = [];
      for (const name of [...namesOf(replySwitches), ...namesOf(wireSwitches)]) {
        const rule = fires(name, request);
        if (rule !== undefined) drawn.push([name, rule]);
      }
      return toActive(drawn);
    },
  };
}

function ruleFires(rule: Rule, state: RuleState, request: RequestFacts): boolean {
  if (!matches(rule, request)) return false;
  state.seen += 1;
  if (state.seen <= rule.skip) return false;
  if (rule.fail_next !== undefined && state.fired >= rule.fail_next) return false;
  if (rule.rate !== undefined && !chanceFires(rule.seed, rule.rate, state, request)) return false;
  state.fired += 1;
  return true;
}

/** Chance hangs on the request's words and their repetition, not on the order in which parallel requests arrive. */
function chanceFires(seed: number, rate: number, state: RuleState, request: RequestFacts): boolean {
  const words = `${request.model}\n${request.system}\n${request.last}`;
  const occurrence = (state.seenByText.get(words) ?? 0) + 1;
  state.seenByText.set(words, occurrence);
  return stableFraction(String(seed), words, String(occurrence)) < rate;
}

function stateOf(states: Map<Rule, RuleState>, rule: Rule): RuleState {
  const state = states.get(rule) ?? { seen: 0, fired: 0, seenByText: new Map() };
  states.set(rule, state);
  return state;
}

function namesOf<Name extends FaultName>(switches: { readonly [K in Name]: unknown }): Name[] {
  // Safe: the three switch tables are literals whose only keys are fault names.
  return Object.keys(switches) as Name[];
}

function toActive(drawn: readonly (readonly [FaultName, Rule])[]): ActiveFaults {
  // Safe: each rule was read from the switch of the same name.
  return Object.fromEntries(drawn) as ActiveFaults;
}
