import { Hono } from "hono";
import { PantheonError } from "../contract/errors.ts";
import { problemResponse } from "./problems.ts";

/** A Worker with a wrong variable serves nothing; it says which one, and never its value. */
export function refuseAll(message: string): Hono {
  const app = new Hono();
  app.all("*", (context) =>
    problemResponse(context, new PantheonError("dependency_unavailable", message), crypto.randomUUID()),
  );
  return app;
}
