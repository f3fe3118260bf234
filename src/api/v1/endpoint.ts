import { z } from "zod";
import type { Principal } from "../auth/principal.ts";
import type { Verb } from "../auth/roles.ts";
import type { What } from "../commands.ts";
import type { History } from "../history.ts";
import type { JudgementLog } from "../judgement-log.ts";
import type { ReadModel, Soon } from "../read-model.ts";
import type { StatusDocument } from "../status-document.ts";

/**
 * An address of the API as data: routes, OpenAPI document, tests and fuzz are made of the same two tables. `{name}` in a
 * path is one segment, percent-encoded.
 */
interface Endpoint {
  readonly path: string;
  readonly summary: string;
}

export interface Sources {
  readonly status: () => StatusDocument;
  readonly history: History;
  readonly judgements: JudgementLog;
  readonly model: ReadModel;
}

/** Names of what a control plane may lack. */
export type Part = keyof ReadModel;

export interface ReadEndpoint extends Endpoint {
  /** Absent: every control plane has it. */
  readonly part?: Part;
  readonly query: z.ZodObject;
  readonly answer: z.ZodType;
  /** Undefined: there is no such thing, or the part is not available. */
  read(sources: Sources, given: Given<Record<string, unknown>>): Soon<unknown>;
}

export interface Given<Query> {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly principal: Principal;
}

export interface OrderEndpoint extends Endpoint {
  readonly verb: Verb;
  readonly body: z.ZodType<OrderBody>;
  /** `body` has passed its schema; `ifMatch` is the header without its quotes. */
  what(params: Readonly<Record<string, string>>, body: OrderBody, ifMatch?: string): What;
}

export interface OrderBody {
  readonly reason?: string;
}

const NO_QUERY = z.strictObject({});

/** Ties the type of the query to what reads it; outside it is gone. */
export function reading<Q extends z.ZodObject = typeof NO_QUERY>(
  path: string,
  endpoint: {
    readonly summary: string;
    readonly part?: Part;
    readonly query?: Q;
    readonly answer: z.ZodType;
    read(sources: Sources, given: Given<z.infer<Q>>): Soon<unknown>;
  },
): ReadEndpoint {
  const { query = NO_QUERY, read, ...rest } = endpoint;
  return {
    ...rest,
    path,
    query,
    read: (sources, given) => read(sources, given as Given<z.infer<Q>>),
  };
}

export function paramsOf(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");
}
