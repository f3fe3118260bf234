import { z } from "zod";
import { problemDocument } from "../problem.ts";
import { AUTOMATION_READS } from "./automation-reads.ts";
import { type OrderEndpoint, paramsOf, type ReadEndpoint } from "./endpoint.ts";
import { MESH_READS } from "./mesh-reads.ts";
import { OPERATOR_READS } from "./operator-reads.ts";
import { ORDERS } from "./orders.ts";
import { TOPICS } from "./topics.ts";

/** The API as an OpenAPI 3.1 document, made of the tables the routes are made of: `docs/openapi.json`. */
export function openApiDocument(): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  const add = (path: string, method: string, operation: unknown) => {
    paths[path] = { ...paths[path], [method]: operation };
  };
  for (const endpoint of [...MESH_READS, ...AUTOMATION_READS, ...OPERATOR_READS])
    add(endpoint.path, "get", readOperation(endpoint));
  add("/v1/events", "get", EVENTS);
  for (const endpoint of ORDERS) add(endpoint.path, "post", orderOperation(endpoint));
  return {
    openapi: "3.1.0",
    info: {
      title: "Quantum Mesh",
      version: "1",
      description:
        "Everything the dashboard and the command line do. Failures are problem documents (RFC 9457).",
    },
    servers: [{ url: "http://127.0.0.1:8080" }],
    // Reading is open on loopback.
    security: [{ token: [] }, {}],
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: { Problem: schemaOf(problemDocument, "output") },
      responses: {
        Problem: {
          description: "What happened, and what would be right",
          content: {
            "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
          },
        },
      },
    },
  };
}

const PROBLEM = { $ref: "#/components/responses/Problem" };

function readOperation({ path, summary, part, query, answer }: ReadEndpoint) {
  const given = query.shape as Record<string, z.ZodType>;
  const inQuery = Object.entries(given).map(([name, type]) => ({
    ...{ name, in: "query", required: false },
    schema: schemaOf(type, "input"),
  }));
  return {
    summary,
    operationId: operationId("get", path),
    parameters: [...inPath(path), ...inQuery],
    responses: {
      200: {
        description: summary,
        headers: { etag: { schema: { type: "string" } } },
        content: { "application/json": { schema: schemaOf(answer, "output") } },
      },
      304: { description: "What if-none-match names still holds" },
      ...problems([400, 401, 403, 429]),
      ...((part !== undefined || path.includes("{")) && problems([404])),
    },
  };
}

function orderOperation({ path, summary, body }: OrderEndpoint) {
  const answer = { type: "object", properties: { record: { type: "string" } } };
  return {
    summary,
    operationId: operationId("post", path),
    security: [{ token: [] }],
    parameters: inPath(path),
    requestBody: { content: { "application/json": { schema: schemaOf(body, "input") } } },
    responses: {
      200: {
        description: "The engine took it",
        content: { "application/json": { schema: answer } },
      },
      ...problems([400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 503]),
    },
  };
}

const EVENTS = {
  summary: "Live views: each topic whole, then again whenever it changed",
  operationId: "getV1Events",
  parameters: [
    {
      ...{ name: "topics", in: "query", required: false, style: "form", explode: false },
      schema: { type: "array", items: { type: "string", enum: TOPICS } },
    },
  ],
  responses: {
    200: {
      description: "Server-sent events, named like the topics; first hello, with what is missing",
      content: { "text/event-stream": { schema: { type: "string" } } },
    },
    ...problems([400, 401, 403, 429]),
  },
};

function problems(statuses: readonly number[]): Record<string, typeof PROBLEM> {
  return Object.fromEntries(statuses.map((status) => [status, PROBLEM]));
}

function inPath(path: string) {
  return paramsOf(path).map((name) => ({
    ...{ name, in: "path", required: true },
    schema: { type: "string" },
  }));
}

function operationId(method: string, path: string): string {
  const words = path.split(/[/{}]+/).filter((word) => word !== "");
  return `${method}${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("")}`;
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): unknown {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}
