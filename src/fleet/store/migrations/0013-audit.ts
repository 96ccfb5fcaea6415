/** Who did, read or was refused what. Rows are added, and old ones deleted; none is changed. */
export const audit = `
CREATE TABLE fleet.audit (
  id serial PRIMARY KEY,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('change', 'read', 'refused')),
  act text NOT NULL
);
CREATE FUNCTION fleet.keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN RAISE EXCEPTION 'rows of the audit log are not changed'; END $$;
CREATE TRIGGER audit_is_kept BEFORE UPDATE ON fleet.audit FOR EACH ROW EXECUTE FUNCTION fleet.keep_audit();
`;
