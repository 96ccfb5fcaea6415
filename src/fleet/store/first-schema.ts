/**
 * The first schema. What holds for a time is an interval: `from_run` is the first run in which it held, `to_run` the first
 * in which it did not; null: it holds. An installed package is kept once for all images that have it in the same kind of
 * system, and verdicts are about it: a night costs what changed, not what is kept.
 */
export const first = `
-- A feed that judged, with the identity of every source.
CREATE TABLE fleet.feeds (
  id serial PRIMARY KEY,
  digest text NOT NULL UNIQUE,
  created timestamptz NOT NULL,
  signed boolean NOT NULL,
  sources jsonb NOT NULL,
  platforms jsonb NOT NULL
);

-- One night. An open run that nobody works on was killed: the next one judges again what it had begun.
CREATE TABLE fleet.runs (
  id serial PRIMARY KEY,
  state text NOT NULL CHECK (state IN ('open', 'finished', 'broken')),
  started timestamptz NOT NULL,
  finished timestamptz,
  feed integer REFERENCES fleet.feeds,
  tool text NOT NULL,
  options jsonb NOT NULL,
  summary jsonb
);
CREATE INDEX runs_unfinished ON fleet.runs (id) WHERE state <> 'finished';

-- Small facts by name: what the last finished run was judged by.
CREATE TABLE fleet.settings (key text PRIMARY KEY, value jsonb NOT NULL);

-- Digests of what the last judged feed said, line by line, compressed.
CREATE TABLE fleet.feed_lines (
  path text PRIMARY KEY,
  sha256 text NOT NULL,
  about text NOT NULL,
  lines bytea NOT NULL
);

-- What the user asked to keep an eye on: an image, every tag below a prefix, or what is sent in by import.
CREATE TABLE fleet.watches (
  id serial PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('image', 'registry', 'import')),
  place text NOT NULL,
  tags text NOT NULL DEFAULT '',
  added timestamptz NOT NULL,
  removed timestamptz,
  UNIQUE (kind, place, tags)
);

-- A reference that is refreshed by each run.
CREATE TABLE fleet.names (
  id serial PRIMARY KEY,
  watch integer NOT NULL REFERENCES fleet.watches,
  reference text NOT NULL UNIQUE,
  added timestamptz NOT NULL,
  removed timestamptz
);

-- What an image says of itself besides its packages, as far as it decides verdicts. rows: those of the feed's tables that
-- were asked for when it was judged.
CREATE TABLE fleet.systems (
  id serial PRIMARY KEY,
  digest bytea NOT NULL UNIQUE,
  name text NOT NULL,
  facts jsonb NOT NULL,
  rows text[] NOT NULL DEFAULT '{}'
);

-- An installed build in a kind of system; type oci: a container product as a whole. first_run and
-- judged_run: in which it was judged first and last; null: not yet.
CREATE TABLE fleet.packages (
  id serial PRIMARY KEY,
  digest bytea NOT NULL UNIQUE,
  system integer NOT NULL REFERENCES fleet.systems,
  type text NOT NULL,
  name text NOT NULL,
  version text NOT NULL,
  arch text NOT NULL,
  source text NOT NULL,
  source_version text NOT NULL,
  facts jsonb NOT NULL,
  first_run integer,
  judged_run integer
);
CREATE INDEX packages_name ON fleet.packages (name);
CREATE INDEX packages_source ON fleet.packages (source);
CREATE INDEX packages_unjudged ON fleet.packages (id) WHERE judged_run IS NULL;
CREATE INDEX packages_judged ON fleet.packages (judged_run);

-- What was read, once ever. digest: of its manifest, or of the inventory where the form of image has none.
-- gaps: why its list of packages is not the whole image. counts: its open flaws, as of counts_run.
CREATE TABLE fleet.images (
  id serial PRIMARY KEY,
  digest text NOT NULL UNIQUE,
  kind text NOT NULL,
  architecture text,
  system integer NOT NULL REFERENCES fleet.systems,
  packages integer[] NOT NULL,
  installed integer NOT NULL,
  gaps jsonb NOT NULL,
  unjudged jsonb NOT NULL,
  labels jsonb NOT NULL,
  signed jsonb,
  read timestamptz NOT NULL,
  tool text NOT NULL,
  counts jsonb,
  counts_run integer
);
CREATE INDEX images_packages ON fleet.images USING gin (packages);
CREATE INDEX images_system ON fleet.images (system);

-- The whole inventory with its layers, compressed: what export gives back.
CREATE TABLE fleet.inventories (
  image integer PRIMARY KEY REFERENCES fleet.images ON DELETE CASCADE,
  body bytea NOT NULL
);

-- Which image a name stood for. from_run is null until a run has told the news of it.
CREATE TABLE fleet.name_images (
  id serial PRIMARY KEY,
  name integer NOT NULL REFERENCES fleet.names,
  image integer NOT NULL REFERENCES fleet.images,
  since timestamptz NOT NULL,
  until timestamptz,
  from_run integer,
  to_run integer
);
CREATE UNIQUE INDEX name_images_open ON fleet.name_images (name) WHERE until IS NULL;
CREATE INDEX name_images_image ON fleet.name_images (image);

-- A name whose image could not be read, or is not signed as required. Such an image is never clean.
CREATE TABLE fleet.unread (
  id serial PRIMARY KEY,
  name integer NOT NULL REFERENCES fleet.names,
  code text NOT NULL,
  message text NOT NULL,
  from_run integer NOT NULL REFERENCES fleet.runs,
  to_run integer REFERENCES fleet.runs
);
CREATE UNIQUE INDEX unread_open ON fleet.unread (name) WHERE to_run IS NULL;

-- Which platform of the feed judges a kind of system, or why none does.
CREATE TABLE fleet.coverage (
  id serial PRIMARY KEY,
  system integer NOT NULL REFERENCES fleet.systems,
  platform text,
  marks text[] NOT NULL,
  code text,
  message text,
  from_run integer NOT NULL REFERENCES fleet.runs,
  to_run integer REFERENCES fleet.runs
);
CREATE UNIQUE INDEX coverage_open ON fleet.coverage (system) WHERE to_run IS NULL;

-- The decision about one vulnerability in one installed package. Absent words are null.
CREATE TABLE fleet.verdicts (
  id serial PRIMARY KEY,
  package integer NOT NULL REFERENCES fleet.packages ON DELETE CASCADE,
  vulnerability text NOT NULL,
  platform text NOT NULL,
  status text NOT NULL,
  fix_state text,
  fixed_version text,
  reason text,
  severity text NOT NULL,
  severity_source text,
  exploited boolean NOT NULL,
  hidden text,
  rejected boolean NOT NULL,
  suppressed text,
  channel text,
  advisories text[] NOT NULL,
  marks text[] NOT NULL,
  from_run integer NOT NULL REFERENCES fleet.runs,
  to_run integer REFERENCES fleet.runs
);
CREATE INDEX verdicts_open ON fleet.verdicts (package) WHERE to_run IS NULL;
CREATE INDEX verdicts_vulnerability ON fleet.verdicts (vulnerability);
CREATE INDEX verdicts_from ON fleet.verdicts (from_run);
CREATE INDEX verdicts_to ON fleet.verdicts (to_run) WHERE to_run IS NOT NULL;

-- Why an installed package is not judged.
CREATE TABLE fleet.uncovered (
  id serial PRIMARY KEY,
  package integer NOT NULL REFERENCES fleet.packages ON DELETE CASCADE,
  reason text NOT NULL,
  detail text,
  from_run integer NOT NULL REFERENCES fleet.runs,
  to_run integer REFERENCES fleet.runs
);
CREATE INDEX uncovered_open ON fleet.uncovered (package) WHERE to_run IS NULL;
CREATE INDEX uncovered_from ON fleet.uncovered (from_run);
CREATE INDEX uncovered_to ON fleet.uncovered (to_run) WHERE to_run IS NOT NULL;

-- Compliance: the score of an image by a profile, and each rule's result.
CREATE TABLE fleet.profile_results (
  id serial PRIMARY KEY,
  image integer NOT NULL REFERENCES fleet.images ON DELETE CASCADE,
  profile text NOT NULL,
  content text NOT NULL,
  score double precision,
  counts jsonb NOT NULL,
  code text,
  message text,
  from_run integer NOT NULL REFERENCES fleet.runs,
  to_run integer REFERENCES fleet.runs
);
CREATE UNIQUE INDEX profile_results_open ON fleet.profile_results (image, profile) WHERE to_run IS NULL;
CREATE TABLE fleet.rule_results (
  id serial PRIMARY KEY,
  image integer NOT NULL REFERENCES fleet.images ON DELETE CASCADE,
  profile text NOT NULL,
  rule text NOT NULL,
  title text NOT NULL,
  severity text NOT NULL,
  result text NOT NULL,
  from_run integer NOT NULL REFERENCES fleet.runs,
  to_run integer REFERENCES fleet.runs
);
CREATE UNIQUE INDEX rule_results_open ON fleet.rule_results (image, profile, rule) WHERE to_run IS NULL;
CREATE INDEX rule_results_rule ON fleet.rule_results (profile, rule) WHERE to_run IS NULL;

-- Risks that somebody accepted. package and image are globs; null: any.
CREATE TABLE fleet.waivers (
  id serial PRIMARY KEY,
  vulnerability text NOT NULL,
  package text,
  image text,
  reason text NOT NULL,
  author text NOT NULL,
  created timestamptz NOT NULL,
  expires timestamptz,
  removed timestamptz
);

-- Tokens of the API. Only a digest is kept.
CREATE TABLE fleet.tokens (
  id serial PRIMARY KEY,
  name text NOT NULL UNIQUE,
  role text NOT NULL CHECK (role IN ('read', 'write', 'admin')),
  digest bytea NOT NULL UNIQUE,
  created timestamptz NOT NULL,
  expires timestamptz,
  removed timestamptz,
  used timestamptz
);

-- The news of a run, made once when it ends: one row for a flaw in a source package, with all images that it is about.
CREATE TABLE fleet.events (
  id serial PRIMARY KEY,
  run integer NOT NULL REFERENCES fleet.runs,
  kind text NOT NULL,
  cause text NOT NULL CHECK (cause IN ('feed', 'image', 'scapfeed')),
  vulnerability text,
  package text,
  platform text,
  severity text,
  exploited boolean NOT NULL DEFAULT false,
  before text,
  after text,
  detail text,
  name integer REFERENCES fleet.names,
  images integer[] NOT NULL
);
CREATE INDEX events_run ON fleet.events (run);
CREATE INDEX events_images ON fleet.events USING gin (images);

-- The news of a run to one place: sent once.
CREATE TABLE fleet.deliveries (
  id serial PRIMARY KEY,
  run integer NOT NULL REFERENCES fleet.runs,
  kind text NOT NULL,
  place text NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
  attempts integer NOT NULL DEFAULT 0,
  sent timestamptz,
  error text,
  UNIQUE (run, kind, place)
);
`;
