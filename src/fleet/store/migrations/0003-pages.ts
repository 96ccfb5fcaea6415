/** Data for the pages: the totals of each run for the trend, the events of one vulnerability, and the exploited ones. */
export const pages = `
ALTER TABLE fleet.runs ADD COLUMN totals jsonb;
CREATE INDEX events_vulnerability ON fleet.events (vulnerability) WHERE vulnerability IS NOT NULL;
CREATE INDEX events_package ON fleet.events (package) WHERE package IS NOT NULL;
CREATE INDEX verdicts_exploited ON fleet.verdicts (vulnerability) WHERE exploited AND to_run IS NULL;
CREATE INDEX name_images_name ON fleet.name_images (name);
`;
