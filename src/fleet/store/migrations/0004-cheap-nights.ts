/**
 * A night writes less. Counts of an image change without its list of packages, so the list is kept beside the row and the page has
 * room for the new counts: an update need not touch the index of packages. A verdict knows since which run its fix could have been
 * installed. Runs that verdicts name are kept by prune, so that no row has to ask for its run. An image's news are found by its names.
 */
export const cheapNights = `
ALTER TABLE fleet.images ALTER COLUMN packages SET STORAGE EXTERNAL;
ALTER TABLE fleet.images SET (fillfactor = 60, toast_tuple_target = 512);

DROP INDEX fleet.packages_unjudged;
DROP INDEX fleet.packages_judged;
ALTER TABLE fleet.packages SET (fillfactor = 85);

ALTER TABLE fleet.verdicts DROP CONSTRAINT verdicts_from_run_fkey;
ALTER TABLE fleet.verdicts DROP CONSTRAINT verdicts_to_run_fkey;
ALTER TABLE fleet.uncovered DROP CONSTRAINT uncovered_from_run_fkey;
ALTER TABLE fleet.uncovered DROP CONSTRAINT uncovered_to_run_fkey;

-- The first run of the flaw's openness with a fix; null: there is no fix, or it is no open flaw.
ALTER TABLE fleet.verdicts ADD COLUMN available_run integer;
UPDATE fleet.verdicts AS open SET available_run = least(from_run, (
  SELECT min(was.from_run) FROM fleet.verdicts AS was
  WHERE was.package = open.package AND was.vulnerability = open.vulnerability
    AND was.status = 'affected' AND was.fix_state = 'available' AND was.hidden IS NULL))
WHERE to_run IS NULL AND status = 'affected' AND fix_state = 'available' AND hidden IS NULL;
CREATE INDEX verdicts_available ON fleet.verdicts (available_run, severity)
  WHERE to_run IS NULL AND available_run IS NOT NULL;

CREATE INDEX events_name ON fleet.events (name) WHERE name IS NOT NULL;
`;
