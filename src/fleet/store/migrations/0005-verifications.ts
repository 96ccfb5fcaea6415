/**
 * Results of comparing an image's files with its package databases when it was read. Its content never changes, so it is one row;
 * an image without one was not compared.
 */
export const verifications = `
-- code and message: why there is no result. found: counts by kind, and what was compared. deviations: the first of each kind.
CREATE TABLE fleet.verifications (
  image integer PRIMARY KEY REFERENCES fleet.images ON DELETE CASCADE,
  tool text NOT NULL,
  verified timestamptz NOT NULL,
  code text,
  message text,
  found jsonb NOT NULL,
  deviations jsonb NOT NULL
);
`;
