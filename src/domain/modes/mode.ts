import type { Mode } from "../../contract/rooms.ts";
import { manual } from "./manual.ts";
import type { ModeRules } from "./mode-rules.ts";
import { roundtable } from "./roundtable.ts";

export const rulesByMode: Readonly<Record<Mode, ModeRules>> = { manual, roundtable };
