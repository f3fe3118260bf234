import { Hono } from "hono";
import type { SignalIntake } from "../telemetry/signal-intake.ts";
import { problem } from "./problem.ts";

/** `POST /v1/signals/NAME`: no token, but a signature of its Adapter's secret. */
export function signalRoute(intake: Pick<SignalIntake, "take">): Hono {
  const app = new Hono();
  app.post("/v1/signals/:name", async (context) => {
    const answer = intake.take({
      name: context.req.param("name"),
      timestamp: context.req.header("x-qmesh-timestamp"),
      signature: context.req.header("x-qmesh-signature"),
      body: await context.req.text(),
    });
    if (answer.ok) return context.body(null, 204);
    const detail = `${answer.why}: docs/signals.md.`;
    return problem(context, answer.status, { title: "the signal is refused", detail });
  });
  return app;
}
