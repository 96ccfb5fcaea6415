/** Who signed in with a browser. Its cookie was the token itself, which signing out did not end. */
export const sessions = `
CREATE TABLE fleet.sessions (
  digest bytea PRIMARY KEY,
  token integer NOT NULL REFERENCES fleet.tokens ON DELETE CASCADE,
  created timestamptz NOT NULL,
  expires timestamptz NOT NULL
);
CREATE INDEX sessions_token ON fleet.sessions (token);
`;
