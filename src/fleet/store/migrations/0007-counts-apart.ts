/**
 * Counts of an image in a table of their own. Beside its list of packages, a row had no room for its next version where a night
 * counts many images, and each new one was entered 300 times in the index of packages: most of what a night of a large fleet cost.
 */
export const countsApart = `
-- found: open flaws, as of a run. counts: the same without those that somebody waived.
CREATE TABLE fleet.image_counts (
  image integer PRIMARY KEY REFERENCES fleet.images ON DELETE CASCADE,
  found jsonb NOT NULL,
  counts jsonb NOT NULL,
  run integer NOT NULL
) WITH (fillfactor = 45);
INSERT INTO fleet.image_counts (image, found, counts, run)
  SELECT id, coalesce(found, counts), counts, coalesce(counts_run, 0) FROM fleet.images WHERE counts IS NOT NULL ORDER BY id;
ALTER TABLE fleet.images DROP COLUMN found, DROP COLUMN counts, DROP COLUMN counts_run;
ALTER TABLE fleet.images RESET (fillfactor, toast_tuple_target);
`;
