/**
 * Unknown facts of an image: whether its release has ended, and whether any of its packages was judged, without which no number
 * of flaws is meaningful.
 */
export const unknown = `
-- ended_run: the run since which the release is past its end of life; null: it is supported.
ALTER TABLE fleet.coverage ADD COLUMN ended_run integer;
UPDATE fleet.image_counts SET
  found = found || jsonb_build_object('judged', cardinality(packages) - (found->>'uncovered')::integer),
  counts = counts || jsonb_build_object('judged', cardinality(packages) - (counts->>'uncovered')::integer)
  FROM fleet.images WHERE images.id = image;
`;
