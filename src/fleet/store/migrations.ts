import { first } from './first-schema.ts';

export interface Migration {
  /** Name in the store's table of migrations. */
  name: string;
  sql: string;
}

/** In the order in which they are applied. A released one is never changed: a later one corrects it. */
export const migrations: readonly Migration[] = [
  { name: '0001-first', sql: first },
  {
    // Waivers act: by vulnerability or by rule, until the end of a day. images.found counts all open flaws, images.counts those that
    // nobody waived; an event about a waived flaw names the waiver.
    name: '0002-waivers',
    sql: `
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
`,
  },
  {
    // Data for the pages: the totals of each run for the trend, the events of one vulnerability, and the exploited ones.
    name: '0003-pages',
    sql: `
ALTER TABLE fleet.runs ADD COLUMN totals jsonb;
CREATE INDEX events_vulnerability ON fleet.events (vulnerability) WHERE vulnerability IS NOT NULL;
CREATE INDEX events_package ON fleet.events (package) WHERE package IS NOT NULL;
CREATE INDEX verdicts_exploited ON fleet.verdicts (vulnerability) WHERE exploited AND to_run IS NULL;
CREATE INDEX name_images_name ON fleet.name_images (name);
`,
  },
  {
    // A night writes less. Counts of an image change without its list of packages, so the list is kept beside the row and the page has
    // room for the new counts: an update need not touch the index of packages. A verdict knows since which run its fix could have been
    // installed. Runs that verdicts name are kept by prune, so that no row has to ask for its run. An image's news are found by its names.
    name: '0004-cheap-nights',
    sql: `
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
`,
  },
  {
    // Results of comparing an image's files with its package databases when it was read. Its content never changes, so it is one row;
    // an image without one was not compared.
    name: '0005-verifications',
    sql: `
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
`,
  },
  {
    // A verdict that begins does not look for its package: whoever judges a package holds it, and `prune` deletes its verdicts too.
    // These looks were a third of what a first run cost the database; for `prune`, they read all verdicts anew for each package.
    name: '0006-packages-unasked',
    sql: `
ALTER TABLE fleet.verdicts DROP CONSTRAINT verdicts_package_fkey;
ALTER TABLE fleet.uncovered DROP CONSTRAINT uncovered_package_fkey;
`,
  },
  {
    // Counts of an image in a table of their own. Beside its list of packages, a row had no room for its next version where a night
    // counts many images, and each new one was entered 300 times in the index of packages: most of what a night of a large fleet cost.
    name: '0007-counts-apart',
    sql: `
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
`,
  },
  {
    // Tokens that send inventories of certain names and do nothing else. They have a role of their own: a server of an older version,
    // which knows nothing of names, lets them do nothing at all.
    name: '0008-sending-tokens',
    sql: `
ALTER TABLE fleet.tokens DROP CONSTRAINT tokens_role_check;
ALTER TABLE fleet.tokens ADD COLUMN names text;
ALTER TABLE fleet.tokens ADD CONSTRAINT tokens_role_check CHECK (role IN ('send', 'read', 'write', 'admin'));
ALTER TABLE fleet.tokens ADD CONSTRAINT tokens_names_check CHECK ((names IS NOT NULL) = (role = 'send'));
`,
  },
  {
    // Unknown facts of an image: whether its release has ended, and whether any of its packages was judged, without which no number
    // of flaws is meaningful.
    name: '0009-unknown',
    sql: `
-- ended_run: the run since which the release is past its end of life; null: it is supported.
ALTER TABLE fleet.coverage ADD COLUMN ended_run integer;
UPDATE fleet.image_counts SET
  found = found || jsonb_build_object('judged', cardinality(packages) - (found->>'uncovered')::integer),
  counts = counts || jsonb_build_object('judged', cardinality(packages) - (counts->>'uncovered')::integer)
  FROM fleet.images WHERE images.id = image;
`,
  },
  {
    // Who signed in with a browser. Its cookie was the token itself, which signing out did not end.
    name: '0010-sessions',
    sql: `
CREATE TABLE fleet.sessions (
  digest bytea PRIMARY KEY,
  token integer NOT NULL REFERENCES fleet.tokens ON DELETE CASCADE,
  created timestamptz NOT NULL,
  expires timestamptz NOT NULL
);
CREATE INDEX sessions_token ON fleet.sessions (token);
`,
  },
  {
    // Scans for Harbor, and the reports of images by digest. Credentials are not in the store.
    name: '0011-harbor',
    sql: `
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
`,
  },
  {
    // Owners of images: by rules of a policy, which look at names, labels and the namespaces that ask for an image. A waiver of an owner
    // acts in its images only, and a token of the role `team` sees these alone. The role is new: a server of an older version lets such a
    // token do nothing.
    name: '0012-owners',
    sql: `
ALTER TABLE fleet.names ADD COLUMN namespaces text[] NOT NULL DEFAULT '{}';
ALTER TABLE fleet.waivers ADD COLUMN owner text;
ALTER TABLE fleet.tokens DROP CONSTRAINT tokens_role_check;
ALTER TABLE fleet.tokens ADD COLUMN owner text;
ALTER TABLE fleet.tokens ADD CONSTRAINT tokens_role_check CHECK (role IN ('send', 'team', 'read', 'write', 'admin'));
ALTER TABLE fleet.tokens ADD CONSTRAINT tokens_owner_check CHECK ((owner IS NOT NULL) = (role = 'team'));
`,
  },
  {
    // Who did, read or was refused what. Rows are added, and old ones deleted; none is changed.
    name: '0013-audit',
    sql: `
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
`,
  },
  {
    // News of flaws that are overdue by the SLA of the policy, which is a setting.
    name: '0014-sla',
    sql: `
ALTER TABLE fleet.events DROP CONSTRAINT events_cause_check;
ALTER TABLE fleet.events ADD CONSTRAINT events_cause_check CHECK (cause IN ('feed', 'image', 'scapfeed', 'waiver', 'sla'));
`,
  },
  {
    // People who signed in at an OpenID Provider: what they may do stands in the row, which is of no token. `rules`: a digest of the
    // settings by which they signed in; `hint`: their ID token, encrypted by the secret of which `digest` is. A server of an older version
    // lets such a person do nothing.
    name: '0015-people',
    sql: `
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
`,
  },
  {
    // A person of several teams has the owners of all. A row that says whose images a team sees is never without one: none would be
    // taken for the whole fleet by whoever forgets to ask.
    name: '0016-several-teams',
    sql: `
ALTER TABLE fleet.sessions DROP CONSTRAINT sessions_whose;
ALTER TABLE fleet.sessions ADD COLUMN owners text[];
UPDATE fleet.sessions SET owners = ARRAY[owner] WHERE owner IS NOT NULL;
ALTER TABLE fleet.sessions DROP COLUMN owner;
ALTER TABLE fleet.sessions ADD CONSTRAINT sessions_whose CHECK (
  (token IS NULL) = (person IS NOT NULL) AND (person IS NULL) = (role IS NULL) AND (person IS NULL) = (rules IS NULL)
  AND (person IS NULL) = (used IS NULL) AND (owners IS NOT NULL) = (role IS NOT DISTINCT FROM 'team')
  AND coalesce(cardinality(owners), 1) > 0 AND array_position(owners, NULL) IS NULL);
`,
  },
  {
    // Base images, kept once by their digests and judged once a night, and how images compare with them.
    name: '0017-bases',
    sql: `
-- body: inventory and layers, compressed. judged: what the last finished run found in it; found: what the run at work finds. run: that
-- judged it last.
CREATE TABLE fleet.bases (
  id serial PRIMARY KEY,
  digest text NOT NULL UNIQUE,
  architecture text,
  body bytea NOT NULL,
  judged bytea,
  found bytea,
  run integer
);
-- What a reference stood for in the last run, or why it was not read.
CREATE TABLE fleet.base_references (
  reference text PRIMARY KEY,
  base integer REFERENCES fleet.bases ON DELETE CASCADE,
  failure text
);
-- stated: references in labels and annotations. compared: numbers of bases, the one that it was built on first. reason: why one or all of
-- them are not known. The lists have the image's packages by origin.
CREATE TABLE fleet.image_bases (
  image integer PRIMARY KEY REFERENCES fleet.images ON DELETE CASCADE,
  stated jsonb,
  compared integer[] NOT NULL DEFAULT '{}',
  described jsonb,
  reason text,
  of_base integer[] NOT NULL DEFAULT '{}',
  of_own integer[] NOT NULL DEFAULT '{}',
  of_unknown integer[] NOT NULL DEFAULT '{}'
);
`,
  },
];
