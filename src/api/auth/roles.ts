/** Who may do what. One table, the same for the API, the dashboard and the CLI; `docs/api.md` shows it. */
export const ROLES = ["viewer", "operator", "approver", "admin"] as const;
export type Role = (typeof ROLES)[number];

export const VERBS = [
  "read",
  "freeze",
  "unfreeze",
  "promote",
  "abort",
  "pause",
  "resume",
  "retry",
  "override",
  "endOverride",
  "promotePolicy",
  "rollbackIntent",
  "approve",
  "reject",
  "label",
  "apply",
] as const;
export type Verb = (typeof VERBS)[number];

/** An operator does, an approver answers: neither can do the other's part alone. */
export const MAY: Readonly<Record<Role, readonly Verb[]>> = {
  viewer: ["read"],
  operator: [
    "read",
    "freeze",
    "unfreeze",
    "promote",
    "abort",
    "pause",
    "resume",
    "retry",
    "override",
    "endOverride",
    "promotePolicy",
    "rollbackIntent",
    "label",
    "apply",
  ],
  approver: ["read", "freeze", "approve", "reject", "label"],
  admin: VERBS,
};

export function isRole(text: unknown): text is Role {
  return ROLES.some((role) => role === text);
}

export function verbsOf(roles: readonly Role[]): ReadonlySet<Verb> {
  return new Set(roles.flatMap((role) => MAY[role]));
}
