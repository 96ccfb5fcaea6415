/** News of flaws that are overdue by the SLA of the policy, which is a setting. */
export const sla = `
ALTER TABLE fleet.events DROP CONSTRAINT events_cause_check;
ALTER TABLE fleet.events ADD CONSTRAINT events_cause_check CHECK (cause IN ('feed', 'image', 'scapfeed', 'waiver', 'sla'));
`;
