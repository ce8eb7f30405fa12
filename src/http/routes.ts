import type { Route } from "./route.ts";
import { adminRoutes } from "./routes/admin.ts";
import { agentRoutes } from "./routes/agents.ts";
import { apiKeyRoutes } from "./routes/api-keys.ts";
import { authRoutes } from "./routes/auth.ts";
import { deliveryRoutes } from "./routes/deliveries.ts";
import { memoryRoutes } from "./routes/memory.ts";
import { moneyRoutes } from "./routes/money.ts";
import { problemRoutes } from "./routes/problems.ts";
import { quoteRoutes } from "./routes/quotes.ts";
import { roomRoutes } from "./routes/rooms.ts";
import { serviceRoutes } from "./routes/service.ts";
import { sessionRoutes } from "./routes/sessions.ts";
import { toolServerRoutes } from "./routes/tool-servers.ts";
import { turnRoutes } from "./routes/turns.ts";
import { webhookRoutes } from "./routes/webhooks.ts";

/** Every address of the API; the validators, the OpenAPI document, the 405s and the fuzz test are made from this table. */
export const routes: readonly Route[] = [
  ...serviceRoutes,
  ...problemRoutes,
  ...authRoutes,
  ...apiKeyRoutes,
  ...roomRoutes,
  ...agentRoutes,
  ...toolServerRoutes,
  ...sessionRoutes,
  ...turnRoutes,
  ...memoryRoutes,
  ...quoteRoutes,
  ...moneyRoutes,
  ...webhookRoutes,
  ...deliveryRoutes,
  ...adminRoutes,
];
