/** Scans for Harbor, and the reports of images by digest. Credentials are not in the store. */
export const harbor = `
CREATE TABLE fleet.harbor_servers (id uuid PRIMARY KEY, seen timestamptz NOT NULL);
CREATE TABLE fleet.harbor_scans (
  id uuid PRIMARY KEY,
  server uuid NOT NULL,
  artifact jsonb NOT NULL,
  reports text[] NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'active', 'finished', 'failed')),
  accepted timestamptz NOT NULL,
  ended timestamptz,
  bases text[],
  failure text
);
CREATE INDEX harbor_scans_accepted ON fleet.harbor_scans (accepted);
CREATE TABLE fleet.harbor_reports (
  digest text NOT NULL,
  kind text NOT NULL,
  basis text NOT NULL,
  body bytea NOT NULL,
  made timestamptz NOT NULL,
  valid_until timestamptz NOT NULL,
  PRIMARY KEY (digest, kind, basis)
);
`;
