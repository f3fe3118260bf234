/**
 * `Runbook`: steps outside the mesh, one after another, when a Policy acts: each a webhook of an Adapter, some only once people have
 * approved. A step that fails ends the run, and somebody is told.
 */
import { z } from "zod";
import type { Draft } from "../draft.ts";
import { fields, oneOf, text } from "../fields.ts";
import type { Runbook } from "../intent/runbook.ts";
import { show } from "../show.ts";
import { span } from "../span.ts";
import { webAddress } from "../web-address.ts";

const MOST_STEPS = 32;
const MOST_SECONDS = 86_400;
const DEFAULT_SECONDS = 300;

const path = text((value) =>
  /^\/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*$/.test(value) &&
  !value.includes("//") &&
  !/\/\.\.?(\/|$)/.test(value)
    ? undefined
    : `QM0012 ${show(value)} is not a path such as /case`,
).max(1024);
const key = text((value) =>
  value === "$decision.id"
    ? undefined
    : `QM0012 ${show(value)} is not $decision.id; another key is not the same on each try`,
);

const approvalSpec = fields({
  need: z.int().min(1).max(10),
  from: z.array(z.string().min(1).max(253)).min(1).max(16),
  within: span().exactOptional(),
});

const stepSpec = fields(
  {
    webhook: fields({
      adapter: z.string().min(1).max(63),
      path: path.default("/"),
      idempotencyKey: key.exactOptional(),
    }).exactOptional(),
    approval: approvalSpec.exactOptional(),
  },
  { revokeToken: "revoking tokens is", chat: "asking in a chat is" },
);

export const runbookSpec = fields({
  steps: z.array(stepSpec).max(MOST_STEPS).default([]),
  timeout: span({ most: MOST_SECONDS }).default(DEFAULT_SECONDS),
  onFail: oneOf(["page", "ticket", "ignore"]).default("page"),
  page: webAddress().exactOptional(),
});

export type RunbookSpec = z.output<typeof runbookSpec>;

export function checkRunbook(draft: Draft<RunbookSpec>): void {
  const { steps } = draft.spec;
  if (steps.length === 0) draft.lacks("QM0007", ["steps"], "missing; a Runbook does something");
  for (const [index, { webhook }] of steps.entries()) {
    if (webhook === undefined)
      draft.lacks("QM0115", ["steps", index], "does nothing; write webhook");
  }
}

export function toRunbook(draft: Draft<RunbookSpec>, owner: string): Runbook {
  const { steps, timeout, onFail, page } = draft.spec;
  return {
    name: draft.name,
    owner,
    steps: steps.flatMap(({ webhook, approval }) =>
      webhook === undefined
        ? []
        : [
            {
              adapter: webhook.adapter,
              path: webhook.path,
              isKeyOfDecision: webhook.idempotencyKey !== undefined,
              ...(approval !== undefined && {
                approval: {
                  need: approval.need,
                  from: approval.from,
                  withinSeconds: approval.within ?? timeout,
                },
              }),
            },
          ],
    ),
    timeoutSeconds: timeout,
    onFail,
    ...(page !== undefined && { page }),
  };
}
