/**
 * Waivers act: by vulnerability or by rule, until the end of a day. images.found counts all open flaws, images.counts those that
 * nobody waived; an event about a waived flaw names the waiver.
 */
export const waivers = `
ALTER TABLE fleet.waivers ALTER COLUMN vulnerability DROP NOT NULL;
ALTER TABLE fleet.waivers ADD COLUMN rule text;
ALTER TABLE fleet.waivers ADD COLUMN until text;
UPDATE fleet.waivers SET until = to_char(expires AT TIME ZONE 'UTC', 'YYYY-MM-DD');
ALTER TABLE fleet.waivers DROP COLUMN expires;
ALTER TABLE fleet.waivers RENAME COLUMN removed TO ended;
ALTER TABLE fleet.waivers ADD COLUMN ended_by text;
-- The run that told that it had expired.
ALTER TABLE fleet.waivers ADD COLUMN expired_run integer;
ALTER TABLE fleet.waivers ADD CHECK ((vulnerability IS NULL) <> (rule IS NULL));

ALTER TABLE fleet.images ADD COLUMN found jsonb;
UPDATE fleet.images SET found = counts, counts = counts || '{"waived": 0}' WHERE counts IS NOT NULL;
UPDATE fleet.runs SET summary = summary || '{"waived": 0}' WHERE summary IS NOT NULL;

ALTER TABLE fleet.events ADD COLUMN waiver integer REFERENCES fleet.waivers;
ALTER TABLE fleet.events DROP CONSTRAINT events_cause_check;
ALTER TABLE fleet.events ADD CONSTRAINT events_cause_check CHECK (cause IN ('feed', 'image', 'scapfeed', 'waiver'));
`;
