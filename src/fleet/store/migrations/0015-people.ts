/**
 * People who signed in at an OpenID Provider: what they may do stands in the row, which is of no token. `rules`: a digest of the
 * settings by which they signed in; `hint`: their ID token, encrypted by the secret of which `digest` is. A server of an older version
 * lets such a person do nothing.
 */
export const people = `
ALTER TABLE fleet.sessions ALTER COLUMN token DROP NOT NULL;
ALTER TABLE fleet.sessions ADD COLUMN person text;
ALTER TABLE fleet.sessions ADD COLUMN role text CHECK (role IN ('team', 'read', 'write', 'admin'));
ALTER TABLE fleet.sessions ADD COLUMN owner text;
ALTER TABLE fleet.sessions ADD COLUMN rules bytea;
ALTER TABLE fleet.sessions ADD COLUMN used timestamptz;
ALTER TABLE fleet.sessions ADD COLUMN hint bytea;
ALTER TABLE fleet.sessions ADD CONSTRAINT sessions_whose CHECK (
  (token IS NULL) = (person IS NOT NULL) AND (person IS NULL) = (role IS NULL) AND (person IS NULL) = (rules IS NULL)
  AND (person IS NULL) = (used IS NULL) AND (owner IS NOT NULL) = (role IS NOT DISTINCT FROM 'team'));
CREATE INDEX sessions_person ON fleet.sessions (person);
`;
