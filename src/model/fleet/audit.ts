/** `change`: something was done; `read`: it was shown; `refused`: the rights did not suffice. */
export const auditKinds = ['change', 'read', 'refused'] as const;

/** The kind of an entry of the audit log. */
export type AuditKind = (typeof auditKinds)[number];

/** An action in the audit log. */
export interface AuditedAct {
  /** The token's name, the user's of a proxy or of the machine, or `anyone` where reading is open. */
  actor: string;
  kind: AuditKind;
  /** `waiver 3 of CVE-2023-45853`, `POST /api/v1/runs`, `fleet add registry.example/app:1`. Without parameters of addresses. */
  act: string;
}

/** An entry of a fleet's audit log, as `scapfeed fleet audit -o json` prints it. */
export interface AuditEntry extends AuditedAct {
  id: number;
  /** ISO 8601. For a read: the first of its hour. */
  at: string;
}
