SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE SCHEMA fleet;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE fleet.coverage (
    id integer NOT NULL,
    system integer NOT NULL,
    platform text,
    marks text[] NOT NULL,
    code text,
    message text,
    from_run integer NOT NULL,
    to_run integer
);
CREATE SEQUENCE fleet.coverage_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE fleet.coverage_id_seq OWNED BY fleet.coverage.id;
CREATE TABLE fleet.deliveries (
    id integer NOT NULL,
    run integer NOT NULL,
    kind text NOT NULL,
    place text NOT NULL,
    state text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    sent timestamp with time zone,
    error text,
    CONSTRAINT deliveries_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'failed'::text])))
);
CREATE SEQUENCE fleet.deliveries_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE fleet.deliveries_id_seq OWNED BY fleet.deliveries.id;
CREATE TABLE fleet.events (
    id integer NOT NULL,
    run integer NOT NULL,
    kind text NOT NULL,
    cause text NOT NULL,
    vulnerability text,
    package text,
    platform text,
    severity text,
    exploited boolean DEFAULT false NOT NULL,
    before text,
    after text,
    detail text,
    name integer,
    images integer[] NOT NULL,
    CONSTRAINT events_cause_check CHECK ((cause = ANY (ARRAY['feed'::text, 'image'::text, 'scapfeed'::text])))
);
CREATE SEQUENCE fleet.events_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE fleet.events_id_seq OWNED BY fleet.events.id;
CREATE TABLE fleet.feed_lines (
    path text NOT NULL,
    sha256 text NOT NULL,
    about text NOT NULL,
    lines bytea NOT NULL
);
CREATE TABLE fleet.feeds (
    id integer NOT NULL,
    digest text NOT NULL,
    created timestamp with time zone NOT NULL,
    signed boolean NOT NULL,
    sources jsonb NOT NULL,
    platforms jsonb NOT NULL
);
CREATE SEQUENCE fleet.feeds_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE fleet.feeds_id_seq OWNED BY fleet.feeds.id;
CREATE TABLE fleet.images (
    id integer NOT NULL,
    digest text NOT NULL,
    kind text NOT NULL,
    architecture text,
    system integer NOT NULL,
    packages integer[] NOT NULL,
    installed integer NOT NULL,
    gaps jsonb NOT NULL,
    unjudged jsonb NOT NULL,
    labels jsonb NOT NULL,
    signed jsonb,
    read timestamp with time zone NOT NULL,
    tool text NOT NULL,
    counts jsonb,
    counts_run integer
);
CREATE SEQUENCE fleet.images_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE fleet.images_id_seq OWNED BY fleet.images.id;
CREATE TABLE fleet.inventories (
    image integer NOT NULL,
    body bytea NOT NULL
);
CREATE TABLE fleet.migrations (
    number integer NOT NULL,
    name text NOT NULL,
    applied timestamp with time zone NOT NULL
);
CREATE TABLE fleet.name_images (
    id integer NOT NULL,
    name integer NOT NULL,
    image integer NOT NULL,
    since timestamp with time zone NOT NULL,
    until timestamp with time zone,
    from_run integer,
    to_run integer
);
CREATE SEQUENCE fleet.name_images_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE fleet.name_images_id_seq OWNED BY fleet.name_images.id;
CREATE TABLE fleet.names (
    id integer NOT NULL,
    watch integer NOT NULL,
    reference text NOT NULL,
    added timestamp with time zone NOT NULL,
    removed timestamp with time zone
);
CREATE SEQUENCE fleet.names_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE fleet.names_id_seq OWNED BY fleet.names.id;
CREATE TABLE fleet.packages (
    id integer NOT NULL,
    digest bytea NOT NULL,
    system integer NOT NULL,
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
CREATE SEQUENCE fleet.packages_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE fleet.packages_id_seq OWNED BY fleet.packages.id;
CREATE TABLE fleet.profile_results (
    id integer NOT NULL,
    image integer NOT NULL,
    profile text NOT NULL,
    content text NOT NULL,
    score double precision,
    counts jsonb NOT NULL,
    code text,
    message text,
    from_run integer NOT NULL,
    to_run integer
);
CREATE SEQUENCE fleet.profile_results_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE fleet.profile_results_id_seq OWNED BY fleet.profile_results.id;
CREATE TABLE fleet.rule_results (
    id integer NOT NULL,
    image integer NOT NULL,
    profile text NOT NULL,
    rule text NOT NULL,
    title text NOT NULL,
    severity text NOT NULL,
    result text NOT NULL,
    from_run integer NOT NULL,
    to_run integer
);
CREATE SEQUENCE fleet.rule_results_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE fleet.rule_results_id_seq OWNED BY fleet.rule_results.id;
CREATE TABLE fleet.runs (
    id integer NOT NULL,
    state text NOT NULL,
    started timestamp with time zone NOT NULL,
    finished timestamp with time zone,
    feed integer,
    tool text NOT NULL,
    options jsonb NOT NULL,
    summary jsonb,
    CONSTRAINT runs_state_check CHECK ((state = ANY (ARRAY['open'::text, 'finished'::text, 'broken'::text])))
);
CREATE SEQUENCE fleet.runs_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE fleet.runs_id_seq OWNED BY fleet.runs.id;
CREATE TABLE fleet.settings (
    key text NOT NULL,
    value jsonb NOT NULL
);
CREATE TABLE fleet.systems (
    id integer NOT NULL,
    digest bytea NOT NULL,
    name text NOT NULL,
    facts jsonb NOT NULL,
    rows text[] DEFAULT '{}'::text[] NOT NULL
);
CREATE SEQUENCE fleet.systems_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE fleet.systems_id_seq OWNED BY fleet.systems.id;
CREATE TABLE fleet.tokens (
    id integer NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    digest bytea NOT NULL,
    created timestamp with time zone NOT NULL,
    expires timestamp with time zone,
    removed timestamp with time zone,
    used timestamp with time zone,
    CONSTRAINT tokens_role_check CHECK ((role = ANY (ARRAY['read'::text, 'write'::text, 'admin'::text])))
);
CREATE SEQUENCE fleet.tokens_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE fleet.tokens_id_seq OWNED BY fleet.tokens.id;
CREATE TABLE fleet.uncovered (
    id integer NOT NULL,
    package integer NOT NULL,
    reason text NOT NULL,
    detail text,
    from_run integer NOT NULL,
    to_run integer
);
CREATE SEQUENCE fleet.uncovered_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE fleet.uncovered_id_seq OWNED BY fleet.uncovered.id;
CREATE TABLE fleet.unread (
    id integer NOT NULL,
    name integer NOT NULL,
    code text NOT NULL,
    message text NOT NULL,
    from_run integer NOT NULL,
    to_run integer
);
CREATE SEQUENCE fleet.unread_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE fleet.unread_id_seq OWNED BY fleet.unread.id;
CREATE TABLE fleet.verdicts (
    id integer NOT NULL,
    package integer NOT NULL,
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
    from_run integer NOT NULL,
    to_run integer
);
CREATE SEQUENCE fleet.verdicts_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE fleet.verdicts_id_seq OWNED BY fleet.verdicts.id;
CREATE TABLE fleet.waivers (
    id integer NOT NULL,
    vulnerability text NOT NULL,
    package text,
    image text,
    reason text NOT NULL,
    author text NOT NULL,
    created timestamp with time zone NOT NULL,
    expires timestamp with time zone,
    removed timestamp with time zone
);
CREATE SEQUENCE fleet.waivers_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE fleet.waivers_id_seq OWNED BY fleet.waivers.id;
CREATE TABLE fleet.watches (
    id integer NOT NULL,
    kind text NOT NULL,
    place text NOT NULL,
    tags text DEFAULT ''::text NOT NULL,
    added timestamp with time zone NOT NULL,
    removed timestamp with time zone,
    CONSTRAINT watches_kind_check CHECK ((kind = ANY (ARRAY['image'::text, 'registry'::text, 'import'::text])))
);
CREATE SEQUENCE fleet.watches_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE fleet.watches_id_seq OWNED BY fleet.watches.id;
ALTER TABLE ONLY fleet.coverage ALTER COLUMN id SET DEFAULT nextval('fleet.coverage_id_seq'::regclass);
ALTER TABLE ONLY fleet.deliveries ALTER COLUMN id SET DEFAULT nextval('fleet.deliveries_id_seq'::regclass);
ALTER TABLE ONLY fleet.events ALTER COLUMN id SET DEFAULT nextval('fleet.events_id_seq'::regclass);
ALTER TABLE ONLY fleet.feeds ALTER COLUMN id SET DEFAULT nextval('fleet.feeds_id_seq'::regclass);
ALTER TABLE ONLY fleet.images ALTER COLUMN id SET DEFAULT nextval('fleet.images_id_seq'::regclass);
ALTER TABLE ONLY fleet.name_images ALTER COLUMN id SET DEFAULT nextval('fleet.name_images_id_seq'::regclass);
ALTER TABLE ONLY fleet.names ALTER COLUMN id SET DEFAULT nextval('fleet.names_id_seq'::regclass);
ALTER TABLE ONLY fleet.packages ALTER COLUMN id SET DEFAULT nextval('fleet.packages_id_seq'::regclass);
ALTER TABLE ONLY fleet.profile_results ALTER COLUMN id SET DEFAULT nextval('fleet.profile_results_id_seq'::regclass);
ALTER TABLE ONLY fleet.rule_results ALTER COLUMN id SET DEFAULT nextval('fleet.rule_results_id_seq'::regclass);
ALTER TABLE ONLY fleet.runs ALTER COLUMN id SET DEFAULT nextval('fleet.runs_id_seq'::regclass);
ALTER TABLE ONLY fleet.systems ALTER COLUMN id SET DEFAULT nextval('fleet.systems_id_seq'::regclass);
ALTER TABLE ONLY fleet.tokens ALTER COLUMN id SET DEFAULT nextval('fleet.tokens_id_seq'::regclass);
ALTER TABLE ONLY fleet.uncovered ALTER COLUMN id SET DEFAULT nextval('fleet.uncovered_id_seq'::regclass);
ALTER TABLE ONLY fleet.unread ALTER COLUMN id SET DEFAULT nextval('fleet.unread_id_seq'::regclass);
ALTER TABLE ONLY fleet.verdicts ALTER COLUMN id SET DEFAULT nextval('fleet.verdicts_id_seq'::regclass);
ALTER TABLE ONLY fleet.waivers ALTER COLUMN id SET DEFAULT nextval('fleet.waivers_id_seq'::regclass);
ALTER TABLE ONLY fleet.watches ALTER COLUMN id SET DEFAULT nextval('fleet.watches_id_seq'::regclass);
INSERT INTO fleet.coverage VALUES (1, 1, 'debian-12', '{}', NULL, NULL, 1, NULL);
INSERT INTO fleet.coverage VALUES (2, 3, NULL, '{}', 'PLATFORM_NOT_COVERED', 'the feed has no data for debian-7 (debian-7)', 1, NULL);
INSERT INTO fleet.events VALUES (1, 1, 'added', 'image', NULL, NULL, NULL, NULL, false, NULL, NULL, NULL, 1, '{1}');
INSERT INTO fleet.events VALUES (2, 1, 'added', 'image', NULL, NULL, NULL, NULL, false, NULL, NULL, NULL, 2, '{2}');
INSERT INTO fleet.events VALUES (3, 1, 'added', 'image', NULL, NULL, NULL, NULL, false, NULL, NULL, NULL, 3, '{3}');
INSERT INTO fleet.events VALUES (4, 1, 'uncovered', 'image', NULL, NULL, 'debian-7', NULL, false, NULL, NULL, 'the feed has no data for debian-7 (debian-7)', NULL, '{3}');
INSERT INTO fleet.events VALUES (5, 1, 'unread', 'image', NULL, NULL, NULL, NULL, false, NULL, NULL, 'IMAGE_UNREACHABLE: the image cannot be fetched: no whole answer: connect ECONNREFUSED 127.0.0.1:1', 4, '{}');
INSERT INTO fleet.events VALUES (6, 2, 'severity', 'feed', 'CVE-2024-0001', 'zlib', 'debian-12', 'medium', false, 'high', 'medium', NULL, NULL, '{1,2}');
INSERT INTO fleet.events VALUES (7, 2, 'fix_available', 'feed', 'CVE-2024-0002', 'openssl', 'debian-12', 'critical', false, 'affected, no fix yet', 'affected, fixed in 3.0.9-1', NULL, NULL, '{1}');
INSERT INTO fleet.events VALUES (8, 2, 'fixed', 'feed', 'CVE-2024-0002', 'openssl', 'debian-12', 'critical', false, 'affected, no fix yet', 'no longer affected', NULL, NULL, '{2}');
INSERT INTO fleet.events VALUES (9, 2, 'new', 'feed', 'CVE-2024-0003', 'zlib', 'debian-12', 'low', false, NULL, 'affected, no fix yet', NULL, NULL, '{1,2}');
INSERT INTO fleet.feed_lines VALUES ('index/vulnerabilities.jsonl', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'vulnerabilities', '\x28b52ffd2000010000');
INSERT INTO fleet.feed_lines VALUES ('manifest/platforms', '9aa2648275e2af92985669f7c19f0eb06210ff369e3a04e062895eca8e61f0b3', 'platforms', '\x28b52ffd201ad10000355a356b6353384766696367574634782064656269616e2d3132');
INSERT INTO fleet.feed_lines VALUES ('index/debian-12.jsonl', '514e79ac9d2f1088e0901af9cfd7a84278ab0df0faea10402e7f6ed676f8584b', 'names', '\x28b52ffd202e710100316b746a33537a753038797374355550206f70656e73736c0a385f3771704b5631783441444474565f207a6c6962');
INSERT INTO fleet.feeds VALUES (1, 'sha256:eb29841d1b5482ea1d6c9575ff1e30f08023391dd8f781b3cbd4877fe128c6e3', '2026-11-20 00:00:00+00', false, '[]', '[{"id": "debian-12", "name": "Debian GNU/Linux 12 (bookworm)", "marks": [], "updated": "2026-11-20T00:00:00Z", "statements": 2}]');
INSERT INTO fleet.feeds VALUES (2, 'sha256:2e1a1b76f39b4a35eeab88cc578f0e55ee7b0116d896df8aacdd7b9f49bf4fe4', '2026-11-20 00:00:00+00', false, '[]', '[{"id": "debian-12", "name": "Debian GNU/Linux 12 (bookworm)", "marks": [], "updated": "2026-11-20T00:00:00Z", "statements": 3}]');
INSERT INTO fleet.images VALUES (3, 'inventory:sha256:6f42b740785b475aae8d91ef3970d46abcf88b399c9867b17b18b230597659b4', 'import', NULL, 3, '{4}', 1, '{"gaps": [], "notes": [], "halfInstalled": []}', '[]', '{}', NULL, '2026-11-27 12:38:13.955+00', 'scapfeed 0.1.0', '{"flaws": {"low": 0, "high": 0, "medium": 0, "unknown": 0, "critical": 0, "negligible": 0}, "fixable": 0, "exploited": 0, "uncovered": 0}', 1);
INSERT INTO fleet.images VALUES (1, 'inventory:sha256:b94e4f144af4c27d473dc8d5dee55e62b78d27bbb090bae6042e683e5ccf9d16', 'import', NULL, 1, '{1,2}', 2, '{"gaps": [], "notes": [], "halfInstalled": []}', '[]', '{}', NULL, '2026-11-27 12:38:13.955+00', 'scapfeed 0.1.0', '{"flaws": {"low": 1, "high": 0, "medium": 1, "unknown": 0, "critical": 1, "negligible": 0}, "fixable": 1, "exploited": 0, "uncovered": 0}', 2);
INSERT INTO fleet.images VALUES (2, 'sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'import', NULL, 1, '{1,3}', 2, '{"gaps": [], "notes": [], "halfInstalled": []}', '[]', '{}', NULL, '2026-11-27 12:38:13.955+00', 'scapfeed 0.1.0', '{"flaws": {"low": 1, "high": 0, "medium": 1, "unknown": 0, "critical": 0, "negligible": 0}, "fixable": 0, "exploited": 0, "uncovered": 0}', 2);
INSERT INTO fleet.inventories VALUES (1, '\x28b52ffd60e400250700e28c271f6047ac038075fc455b6344eca049516c171489b6319a19b5a11c6010047601f330d43bb2b3ee3a0f09dff570dd8f1798080303c05014ae7b35a79391c8c0be3e40801516897b7d910662482a49abb983c2beeb7971e41fe39844b20ad28c5cd908ade650dcc640ee727da22cac297f0cf5e6deb572d9759e7bd9712434448864f41858703d91081e6c1db9b9fe6d5bccaece5ac33fea4e84f271f3da9f1a202042e21cf30135858a3109829f612969b687b1a4200c08a462f886031b820cf02294573ca810446f01b65434188907a791601b7579eef25bcb83c58121da047709');
INSERT INTO fleet.inventories VALUES (2, '\x28b52ffd60e600250700f28c271e6047ac038075fc455b6344eca049516c171489164633cb6828071804815df330d43bb2b3ee3a0f09dff570dd8f179806290d84a1285cf76a4e272391817d3d40002b2c12f7fa220dc4905492567305857dd7f3e2c83fc631896415a419b9b2115acda1b80d81dce5fa44595853fe18eacdbd6be5b2eb3cf7b2e338688810c9e83170e07a22093cd83a7273fddbb6985d9db5867fd49d08e5e3e6b53f011a202042e21cf3013785aa3109848a7129c9b787b1a4200c08a462f886031b820cf02294573ca810446f01b65434188907a791601b7579eef25bcb83c58121da047709');
INSERT INTO fleet.inventories VALUES (3, '\x28b52ffd604c002d0600624b231e5049ac03801a8b046f8d115a221592de8a5944b2a043dbf3d3673233136a4d41a473dc45ddb3291abe5d3181fcbcc0002be88afa7cc11030a0849e6e20d55c4241dff38b2c7d86281a64e8b138696d3e473577a22a08adc8f3c681b0769c21d2795995b6b267f3655db71180e159bde725f0e0790283071bc7559e7fdad4b2a7b3c6f04cfa1261bf555e3b1315203042e4247a1e32a1037005c05804bf11000120002e58715b2b141480154a3023f1e01a09b65197e797df9abc333874b409dc12');
INSERT INTO fleet.migrations VALUES (1, '0001-first', '2026-11-27 12:38:13.955+00');
INSERT INTO fleet.name_images VALUES (1, 1, 1, '2026-11-27 12:38:13.955+00', NULL, 1, NULL);
INSERT INTO fleet.name_images VALUES (2, 2, 2, '2026-11-27 12:38:13.955+00', NULL, 1, NULL);
INSERT INTO fleet.name_images VALUES (3, 3, 3, '2026-11-27 12:38:13.955+00', NULL, 1, NULL);
INSERT INTO fleet.names VALUES (1, 1, 'web1', '2026-11-27 12:38:13.955+00', NULL);
INSERT INTO fleet.names VALUES (2, 2, 'registry.example/app:1', '2026-11-27 12:38:13.955+00', NULL);
INSERT INTO fleet.names VALUES (3, 3, 'old', '2026-11-27 12:38:13.955+00', NULL);
INSERT INTO fleet.names VALUES (4, 4, '127.0.0.1:1/team/app:1', '2026-11-27 12:38:18.229+00', NULL);
INSERT INTO fleet.packages VALUES (4, '\x288b856467b1191824774eb178b2cc4d2a2593e809d688a91971b8d6a1a8f49c', 3, 'deb', 'zlib1g', '1:1.2.8', 'amd64', 'zlib', '1:1.2.8', '{"package": {"arch": "amd64", "name": "zlib1g", "type": "deb", "source": {"name": "zlib", "version": "1:1.2.8"}, "version": "1:1.2.8"}}', NULL, NULL);
INSERT INTO fleet.packages VALUES (1, '\x7e6d383140378c766a1694c0470e32e1567b76dc4d094b28b68c4eed6d8742b7', 1, 'deb', 'zlib1g', '1:1.2.13', 'amd64', 'zlib', '1:1.2.13', '{"package": {"arch": "amd64", "name": "zlib1g", "type": "deb", "source": {"name": "zlib", "version": "1:1.2.13"}, "version": "1:1.2.13"}}', 1, 2);
INSERT INTO fleet.packages VALUES (2, '\x9aee75d02bdc12bcd8b164e156d3f5cbe23c4085514e5371577f2b37bfc168bc', 1, 'deb', 'libssl3', '3.0.8-1', 'amd64', 'openssl', '3.0.8-1', '{"package": {"arch": "amd64", "name": "libssl3", "type": "deb", "source": {"name": "openssl", "version": "3.0.8-1"}, "version": "3.0.8-1"}}', 1, 2);
INSERT INTO fleet.packages VALUES (3, '\x5fc5f40d7e1aa0d8db66898b3f0a36347efed8c48b747653e29ece0db712dffc', 1, 'deb', 'libssl3', '3.0.11-1', 'amd64', 'openssl', '3.0.11-1', '{"package": {"arch": "amd64", "name": "libssl3", "type": "deb", "source": {"name": "openssl", "version": "3.0.11-1"}, "version": "3.0.11-1"}}', 1, 2);
INSERT INTO fleet.runs VALUES (1, 'finished', '2026-11-27 12:38:26.642+00', '2026-11-27 12:38:37.667+00', 1, 'scapfeed 0.1.0', '{"signed": false, "judging": {"settings": {}, "platformMap": []}, "profiles": [], "receivers": []}', '{"run": 1, "feed": "sha256:eb29841d1b5482ea1d6c9575ff1e30f08023391dd8f781b3cbd4877fe128c6e3", "read": 0, "names": 4, "stale": [], "events": 5, "judged": 3, "unread": 1, "refused": 0, "packages": 4, "unlisted": [], "unsigned": 0, "uncoveredSystems": 1}');
INSERT INTO fleet.runs VALUES (2, 'finished', '2026-11-27 12:38:44.662+00', '2026-11-27 12:38:55.639+00', 2, 'scapfeed 0.1.0', '{"signed": false, "judging": {"settings": {}, "platformMap": []}, "profiles": [], "receivers": []}', '{"run": 2, "feed": "sha256:2e1a1b76f39b4a35eeab88cc578f0e55ee7b0116d896df8aacdd7b9f49bf4fe4", "read": 0, "names": 4, "stale": [], "events": 4, "judged": 3, "unread": 1, "refused": 0, "packages": 4, "unlisted": [], "unsigned": 0, "uncoveredSystems": 1}');
INSERT INTO fleet.settings VALUES ('judging', '{"own": "[\"scapfeed 0.1.0\",{\"platformMap\":[],\"settings\":{}}]", "feed": "[null,[]]"}');
INSERT INTO fleet.systems VALUES (1, '\x0183fff396e75a23f8ea9dcdf14c2ab615f9b6b7bc91570b60b8fe2213fcf6ac', 'debian-12', '{"os": {"id": "debian", "found": "/etc/os-release", "versionId": "12"}}', '{}');
INSERT INTO fleet.systems VALUES (3, '\x12f5b74863c70a77a5a92d096a57726f3bdb9d25a6bd6e434be475c9b5d0c786', 'debian-7', '{"os": {"id": "debian", "found": "/etc/os-release", "versionId": "7"}}', '{}');
INSERT INTO fleet.unread VALUES (1, 4, 'IMAGE_UNREACHABLE', 'the image cannot be fetched: no whole answer: connect ECONNREFUSED 127.0.0.1:1', 1, NULL);
INSERT INTO fleet.verdicts VALUES (1, 2, 'CVE-2024-0002', 'debian-12', 'affected', 'none_yet', NULL, NULL, 'critical', 'vendor', false, NULL, false, NULL, NULL, '{}', '{}', 1, 2);
INSERT INTO fleet.verdicts VALUES (2, 3, 'CVE-2024-0002', 'debian-12', 'affected', 'none_yet', NULL, NULL, 'critical', 'vendor', false, NULL, false, NULL, NULL, '{}', '{}', 1, 2);
INSERT INTO fleet.verdicts VALUES (3, 1, 'CVE-2024-0001', 'debian-12', 'affected', 'none_yet', NULL, NULL, 'high', 'vendor', false, NULL, false, NULL, NULL, '{}', '{}', 1, 2);
INSERT INTO fleet.verdicts VALUES (4, 2, 'CVE-2024-0002', 'debian-12', 'affected', 'available', '3.0.9-1', NULL, 'critical', 'vendor', false, NULL, false, NULL, NULL, '{}', '{}', 2, NULL);
INSERT INTO fleet.verdicts VALUES (5, 1, 'CVE-2024-0001', 'debian-12', 'affected', 'none_yet', NULL, NULL, 'medium', 'vendor', false, NULL, false, NULL, NULL, '{}', '{}', 2, NULL);
INSERT INTO fleet.verdicts VALUES (6, 1, 'CVE-2024-0003', 'debian-12', 'affected', 'none_yet', NULL, NULL, 'low', 'vendor', false, NULL, false, NULL, NULL, '{}', '{}', 2, NULL);
INSERT INTO fleet.waivers VALUES (1, 'CVE-2024-0001', 'zlib', 'web1', 'not reachable', 'ann', '2026-11-27 12:00:00+00', '2999-12-31 00:00:00+00', NULL);
INSERT INTO fleet.watches VALUES (1, 'import', 'web1', '', '2026-11-27 12:38:13.955+00', NULL);
INSERT INTO fleet.watches VALUES (2, 'import', 'registry.example/app:1', '', '2026-11-27 12:38:13.955+00', NULL);
INSERT INTO fleet.watches VALUES (3, 'import', 'old', '', '2026-11-27 12:38:13.955+00', NULL);
INSERT INTO fleet.watches VALUES (4, 'image', '127.0.0.1:1/team/app:1', '', '2026-11-27 12:38:18.229+00', NULL);
SELECT pg_catalog.setval('fleet.coverage_id_seq', 2, true);
SELECT pg_catalog.setval('fleet.deliveries_id_seq', 1, false);
SELECT pg_catalog.setval('fleet.events_id_seq', 9, true);
SELECT pg_catalog.setval('fleet.feeds_id_seq', 2, true);
SELECT pg_catalog.setval('fleet.images_id_seq', 3, true);
SELECT pg_catalog.setval('fleet.name_images_id_seq', 3, true);
SELECT pg_catalog.setval('fleet.names_id_seq', 4, true);
SELECT pg_catalog.setval('fleet.packages_id_seq', 4, true);
SELECT pg_catalog.setval('fleet.profile_results_id_seq', 1, false);
SELECT pg_catalog.setval('fleet.rule_results_id_seq', 1, false);
SELECT pg_catalog.setval('fleet.runs_id_seq', 2, true);
SELECT pg_catalog.setval('fleet.systems_id_seq', 3, true);
SELECT pg_catalog.setval('fleet.tokens_id_seq', 1, false);
SELECT pg_catalog.setval('fleet.uncovered_id_seq', 1, false);
SELECT pg_catalog.setval('fleet.unread_id_seq', 1, true);
SELECT pg_catalog.setval('fleet.verdicts_id_seq', 6, true);
SELECT pg_catalog.setval('fleet.waivers_id_seq', 1, true);
SELECT pg_catalog.setval('fleet.watches_id_seq', 4, true);
ALTER TABLE ONLY fleet.coverage
    ADD CONSTRAINT coverage_pkey PRIMARY KEY (id);
ALTER TABLE ONLY fleet.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (id);
ALTER TABLE ONLY fleet.deliveries
    ADD CONSTRAINT deliveries_run_kind_place_key UNIQUE (run, kind, place);
ALTER TABLE ONLY fleet.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id);
ALTER TABLE ONLY fleet.feed_lines
    ADD CONSTRAINT feed_lines_pkey PRIMARY KEY (path);
ALTER TABLE ONLY fleet.feeds
    ADD CONSTRAINT feeds_digest_key UNIQUE (digest);
ALTER TABLE ONLY fleet.feeds
    ADD CONSTRAINT feeds_pkey PRIMARY KEY (id);
ALTER TABLE ONLY fleet.images
    ADD CONSTRAINT images_digest_key UNIQUE (digest);
ALTER TABLE ONLY fleet.images
    ADD CONSTRAINT images_pkey PRIMARY KEY (id);
ALTER TABLE ONLY fleet.inventories
    ADD CONSTRAINT inventories_pkey PRIMARY KEY (image);
ALTER TABLE ONLY fleet.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (number);
ALTER TABLE ONLY fleet.name_images
    ADD CONSTRAINT name_images_pkey PRIMARY KEY (id);
ALTER TABLE ONLY fleet.names
    ADD CONSTRAINT names_pkey PRIMARY KEY (id);
ALTER TABLE ONLY fleet.names
    ADD CONSTRAINT names_reference_key UNIQUE (reference);
ALTER TABLE ONLY fleet.packages
    ADD CONSTRAINT packages_digest_key UNIQUE (digest);
ALTER TABLE ONLY fleet.packages
    ADD CONSTRAINT packages_pkey PRIMARY KEY (id);
ALTER TABLE ONLY fleet.profile_results
    ADD CONSTRAINT profile_results_pkey PRIMARY KEY (id);
ALTER TABLE ONLY fleet.rule_results
    ADD CONSTRAINT rule_results_pkey PRIMARY KEY (id);
ALTER TABLE ONLY fleet.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY fleet.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (key);
ALTER TABLE ONLY fleet.systems
    ADD CONSTRAINT systems_digest_key UNIQUE (digest);
ALTER TABLE ONLY fleet.systems
    ADD CONSTRAINT systems_pkey PRIMARY KEY (id);
ALTER TABLE ONLY fleet.tokens
    ADD CONSTRAINT tokens_digest_key UNIQUE (digest);
ALTER TABLE ONLY fleet.tokens
    ADD CONSTRAINT tokens_name_key UNIQUE (name);
ALTER TABLE ONLY fleet.tokens
    ADD CONSTRAINT tokens_pkey PRIMARY KEY (id);
ALTER TABLE ONLY fleet.uncovered
    ADD CONSTRAINT uncovered_pkey PRIMARY KEY (id);
ALTER TABLE ONLY fleet.unread
    ADD CONSTRAINT unread_pkey PRIMARY KEY (id);
ALTER TABLE ONLY fleet.verdicts
    ADD CONSTRAINT verdicts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY fleet.waivers
    ADD CONSTRAINT waivers_pkey PRIMARY KEY (id);
ALTER TABLE ONLY fleet.watches
    ADD CONSTRAINT watches_kind_place_tags_key UNIQUE (kind, place, tags);
ALTER TABLE ONLY fleet.watches
    ADD CONSTRAINT watches_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX coverage_open ON fleet.coverage USING btree (system) WHERE (to_run IS NULL);
CREATE INDEX events_images ON fleet.events USING gin (images);
CREATE INDEX events_run ON fleet.events USING btree (run);
CREATE INDEX images_packages ON fleet.images USING gin (packages);
CREATE INDEX images_system ON fleet.images USING btree (system);
CREATE INDEX name_images_image ON fleet.name_images USING btree (image);
CREATE UNIQUE INDEX name_images_open ON fleet.name_images USING btree (name) WHERE (until IS NULL);
CREATE INDEX packages_judged ON fleet.packages USING btree (judged_run);
CREATE INDEX packages_name ON fleet.packages USING btree (name);
CREATE INDEX packages_source ON fleet.packages USING btree (source);
CREATE INDEX packages_unjudged ON fleet.packages USING btree (id) WHERE (judged_run IS NULL);
CREATE UNIQUE INDEX profile_results_open ON fleet.profile_results USING btree (image, profile) WHERE (to_run IS NULL);
CREATE UNIQUE INDEX rule_results_open ON fleet.rule_results USING btree (image, profile, rule) WHERE (to_run IS NULL);
CREATE INDEX rule_results_rule ON fleet.rule_results USING btree (profile, rule) WHERE (to_run IS NULL);
CREATE INDEX runs_unfinished ON fleet.runs USING btree (id) WHERE (state <> 'finished'::text);
CREATE INDEX uncovered_from ON fleet.uncovered USING btree (from_run);
CREATE INDEX uncovered_open ON fleet.uncovered USING btree (package) WHERE (to_run IS NULL);
CREATE INDEX uncovered_to ON fleet.uncovered USING btree (to_run) WHERE (to_run IS NOT NULL);
CREATE UNIQUE INDEX unread_open ON fleet.unread USING btree (name) WHERE (to_run IS NULL);
CREATE INDEX verdicts_from ON fleet.verdicts USING btree (from_run);
CREATE INDEX verdicts_open ON fleet.verdicts USING btree (package) WHERE (to_run IS NULL);
CREATE INDEX verdicts_to ON fleet.verdicts USING btree (to_run) WHERE (to_run IS NOT NULL);
CREATE INDEX verdicts_vulnerability ON fleet.verdicts USING btree (vulnerability);
ALTER TABLE ONLY fleet.coverage
    ADD CONSTRAINT coverage_from_run_fkey FOREIGN KEY (from_run) REFERENCES fleet.runs(id);
ALTER TABLE ONLY fleet.coverage
    ADD CONSTRAINT coverage_system_fkey FOREIGN KEY (system) REFERENCES fleet.systems(id);
ALTER TABLE ONLY fleet.coverage
    ADD CONSTRAINT coverage_to_run_fkey FOREIGN KEY (to_run) REFERENCES fleet.runs(id);
ALTER TABLE ONLY fleet.deliveries
    ADD CONSTRAINT deliveries_run_fkey FOREIGN KEY (run) REFERENCES fleet.runs(id);
ALTER TABLE ONLY fleet.events
    ADD CONSTRAINT events_name_fkey FOREIGN KEY (name) REFERENCES fleet.names(id);
ALTER TABLE ONLY fleet.events
    ADD CONSTRAINT events_run_fkey FOREIGN KEY (run) REFERENCES fleet.runs(id);
ALTER TABLE ONLY fleet.images
    ADD CONSTRAINT images_system_fkey FOREIGN KEY (system) REFERENCES fleet.systems(id);
ALTER TABLE ONLY fleet.inventories
    ADD CONSTRAINT inventories_image_fkey FOREIGN KEY (image) REFERENCES fleet.images(id) ON DELETE CASCADE;
ALTER TABLE ONLY fleet.name_images
    ADD CONSTRAINT name_images_image_fkey FOREIGN KEY (image) REFERENCES fleet.images(id);
ALTER TABLE ONLY fleet.name_images
    ADD CONSTRAINT name_images_name_fkey FOREIGN KEY (name) REFERENCES fleet.names(id);
ALTER TABLE ONLY fleet.names
    ADD CONSTRAINT names_watch_fkey FOREIGN KEY (watch) REFERENCES fleet.watches(id);
ALTER TABLE ONLY fleet.packages
    ADD CONSTRAINT packages_system_fkey FOREIGN KEY (system) REFERENCES fleet.systems(id);
ALTER TABLE ONLY fleet.profile_results
    ADD CONSTRAINT profile_results_from_run_fkey FOREIGN KEY (from_run) REFERENCES fleet.runs(id);
ALTER TABLE ONLY fleet.profile_results
    ADD CONSTRAINT profile_results_image_fkey FOREIGN KEY (image) REFERENCES fleet.images(id) ON DELETE CASCADE;
ALTER TABLE ONLY fleet.profile_results
    ADD CONSTRAINT profile_results_to_run_fkey FOREIGN KEY (to_run) REFERENCES fleet.runs(id);
ALTER TABLE ONLY fleet.rule_results
    ADD CONSTRAINT rule_results_from_run_fkey FOREIGN KEY (from_run) REFERENCES fleet.runs(id);
ALTER TABLE ONLY fleet.rule_results
    ADD CONSTRAINT rule_results_image_fkey FOREIGN KEY (image) REFERENCES fleet.images(id) ON DELETE CASCADE;
ALTER TABLE ONLY fleet.rule_results
    ADD CONSTRAINT rule_results_to_run_fkey FOREIGN KEY (to_run) REFERENCES fleet.runs(id);
ALTER TABLE ONLY fleet.runs
    ADD CONSTRAINT runs_feed_fkey FOREIGN KEY (feed) REFERENCES fleet.feeds(id);
ALTER TABLE ONLY fleet.uncovered
    ADD CONSTRAINT uncovered_from_run_fkey FOREIGN KEY (from_run) REFERENCES fleet.runs(id);
ALTER TABLE ONLY fleet.uncovered
    ADD CONSTRAINT uncovered_package_fkey FOREIGN KEY (package) REFERENCES fleet.packages(id) ON DELETE CASCADE;
ALTER TABLE ONLY fleet.uncovered
    ADD CONSTRAINT uncovered_to_run_fkey FOREIGN KEY (to_run) REFERENCES fleet.runs(id);
ALTER TABLE ONLY fleet.unread
    ADD CONSTRAINT unread_from_run_fkey FOREIGN KEY (from_run) REFERENCES fleet.runs(id);
ALTER TABLE ONLY fleet.unread
    ADD CONSTRAINT unread_name_fkey FOREIGN KEY (name) REFERENCES fleet.names(id);
ALTER TABLE ONLY fleet.unread
    ADD CONSTRAINT unread_to_run_fkey FOREIGN KEY (to_run) REFERENCES fleet.runs(id);
ALTER TABLE ONLY fleet.verdicts
    ADD CONSTRAINT verdicts_from_run_fkey FOREIGN KEY (from_run) REFERENCES fleet.runs(id);
ALTER TABLE ONLY fleet.verdicts
    ADD CONSTRAINT verdicts_package_fkey FOREIGN KEY (package) REFERENCES fleet.packages(id) ON DELETE CASCADE;
ALTER TABLE ONLY fleet.verdicts
    ADD CONSTRAINT verdicts_to_run_fkey FOREIGN KEY (to_run) REFERENCES fleet.runs(id);
