import type { Context } from "hono";
import type { z } from "zod";
import type { Audit } from "../audit-event.ts";
import type { Principal } from "../auth/principal.ts";
import type { CommandAnswer, Commands, What } from "../commands.ts";
import { type ProblemStatus, problem } from "../problem.ts";
import type { ReadModel } from "../read-model.ts";
import type { OrderBody, OrderEndpoint } from "./endpoint.ts";
import { serviceOf } from "./order-scope.ts";

/** One order: read, checked, written down, given. What could not be written down is not given. */
export interface OrderPorts {
  readonly model: ReadModel;
  readonly commands: Commands | undefined;
  readonly audit: Audit;
}

export interface Caller {
  readonly principal: Principal;
  /** Address of the peer. */
  readonly from: string;
}

const STATUS: Readonly<Record<(CommandAnswer & { ok: false })["kind"], ProblemStatus>> = {
  unknown: 404,
  conflict: 409,
  invalid: 422,
  unavailable: 503,
  stale: 412,
};

export async function handleOrder(
  context: Context,
  endpoint: OrderEndpoint,
  { model, commands, audit }: OrderPorts,
  { principal, from }: Caller,
): Promise<Response> {
  const read = await readBody(context, endpoint.body);
  if (read instanceof Response) return read;
  const params = context.req.param() as Record<string, string>;
  const ifMatch = context.req.header("if-match")?.replace(/^"(.*)"$/, "$1");
  const what = endpoint.what(params, read, ifMatch);
  const { reason } = read;
  const event = {
    at: new Date().toISOString(),
    actor: principal.name,
    from,
    verb: endpoint.verb,
    path: context.req.path,
    what,
    ...(reason !== undefined && { reason }),
  };
  const refuse = async (status: ProblemStatus, title: string, why: string) => {
    await audit({ ...event, kind: "refusal", why });
    return problem(context, status, { title, detail: why });
  };
  if (!(await isInScope(principal, what, model))) {
    const why = `${principal.name} may act on ${principal.services?.join(", ")} only.`;
    return refuse(403, "this is about another service", why);
  }
  if (commands === undefined)
    return refuse(404, "orders are not available", "This control plane has no engine to order.");
  try {
    await audit({ ...event, kind: "order" });
  } catch {
    const detail = "The audit log takes nothing now, so nothing is changed: see the log.";
    return problem(context, 503, { title: "the order could not be written down", detail });
  }
  const { name: by, groups = [] } = principal;
  const roles = [...principal.roles, ...groups];
  const answer = await commands.give({ by, roles, what, ...(reason !== undefined && { reason }) });
  if (!answer.ok) return refuse(STATUS[answer.kind], `${endpoint.verb} was refused`, answer.why);
  const { record, intent } = answer;
  if (intent !== undefined) context.header("etag", `"${intent.digest}"`);
  return context.json({ ...(record !== undefined && { record }), ...intent });
}

async function isInScope({ services }: Principal, what: What, model: ReadModel): Promise<boolean> {
  if (services === undefined) return true;
  const service = await serviceOf(what, model);
  return service !== undefined && services.includes(service);
}

/** Nothing at all is an empty object. */
async function readBody(
  context: Context,
  schema: z.ZodType<OrderBody>,
): Promise<OrderBody | Response> {
  const text = await context.req.text();
  const type = context.req.header("content-type") ?? "";
  if (text !== "" && !/^application\/json\s*(;|$)/i.test(type)) {
    const detail = "Send application/json.";
    return problem(context, 415, { title: "the body is of another type", detail });
  }
  const value = text === "" ? {} : parseJson(text);
  if (value === undefined)
    return problem(context, 400, { title: "the body is no JSON", detail: "Send one object." });
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  return problem(context, 422, invalid("the body", parsed.error));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Every place that is wrong, with what would be right. */
export function invalid(what: string, error: z.ZodError) {
  const errors = error.issues.map(({ path, message }) => ({ path: path.join("."), message }));
  const [first] = errors;
  return {
    title: `${what} does not fit`,
    detail: `${first?.path === "" ? what : first?.path}: ${first?.message}`,
    errors,
  };
}
