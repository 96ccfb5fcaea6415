import { type Json, pointerStep } from '../../io/json.ts';
import { readMembers } from '../../io/json-members.ts';
import { ScapfeedError } from '../../model/error.ts';
import { Ledger, type RecordSubject } from '../../model/feed/index.ts';

/** The tracker's entry for one vulnerability in one source package; each release's row is a record. */
export interface TrackerPair {
  package: string;
  vulnerability: string;
  description?: string;
  rows: TrackerRow[];
}

/** A row whose fields have the right types; their words are not checked yet. */
export interface TrackerRow {
  release: string;
  status: string;
  fixedVersion?: string;
  urgency?: string;
  /** Present if the security team decided against an advisory: '', `ignored`, `postponed`. */
  nodsaReason?: string;
  /** Versions in the release's repositories at the time of the document. */
  versions: string[];
}

export interface TrackerOptions {
  /** Input id, for the places of findings. */
  input: string;
  where: string;
  /** Platforms by codename, to which the packages of dropped records are reported. */
  platforms?: ReadonlyMap<string, string>;
  maxMemberBytes?: number;
}

/** Size limit of one package's member; linux, the largest, has a few tens of MB. */
const defaultMaxMemberBytes = 2 ** 27;

/** Debian Policy 5.6.1. */
const sourceName = /^[a-z0-9][a-z0-9+.-]+$/;
const vulnerabilityId = /^(CVE-\d{4}-\d{4,}|TEMP-\d{7}-[0-9A-F]{6})$/;

/**
 * Yields the pairs of the security tracker's JSON, with one package in memory at a time. Unusable records are dropped to the
 * ledger with their JSON pointer; readMembers throws if the document is not a JSON object.
 * Format: https://security-tracker.debian.org/tracker/data/json
 */
export async function* parseTracker(
  body: AsyncIterable<Uint8Array>,
  ledger: Ledger,
  { input, where, platforms = new Map(), maxMemberBytes = defaultMaxMemberBytes }: TrackerOptions,
): AsyncGenerator<TrackerPair> {
  const onDuplicate = (pointer: string) => ledger.doubt('duplicate_key', `${input}#${pointer}`);
  for await (const [name, value] of readMembers(body, { where, maxMemberBytes, onDuplicate })) {
    const place = `${input}#/${pointerStep(name)}`;
    const about = (release?: string) => ({
      platforms: release === undefined ? [...platforms.values()] : [platforms.get(release) ?? []].flat(),
      package: name,
    });
    if (!isObject(value)) {
      ledger.drop('wrong_type', place, `expected an object, found ${typeName(value)}`, 1, about());
      continue;
    }
    for (const [id, pair] of Object.entries(value)) {
      const read = readPair(name, id, pair, `${place}/${pointerStep(id)}`, about, ledger);
      if (read) yield read;
    }
  }
}

/** The codenames that a tracker document has rows for. @throws SOURCE_MALFORMED if it has none */
export async function trackerReleases(
  body: AsyncIterable<Uint8Array>,
  options: TrackerOptions,
): Promise<Set<string>> {
  const releases = new Set<string>();
  for await (const { rows } of parseTracker(body, new Ledger('debian'), options)) {
    for (const { release } of rows) releases.add(release);
  }
  if (releases.size > 0) return releases;
  throw noRows(options.where);
}

/** Yields one release's rows of a tracker document whose other rows are counted elsewhere. */
export async function* lastStateOf(
  release: string,
  body: AsyncIterable<Uint8Array>,
  options: TrackerOptions,
): AsyncGenerator<TrackerPair> {
  for await (const pair of parseTracker(body, new Ledger('debian'), options)) {
    const rows = pair.rows.filter((row) => row.release === release);
    if (rows.length > 0) yield { ...pair, rows };
  }
}

/** The error for a JSON document without usable rows. */
export function noRows(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: 'expected rows of packages, vulnerabilities and releases, found none that can be used',
    where,
    remedy: 'compare the document with the format that the tracker documents',
  });
}

function readPair(
  name: string,
  id: string,
  value: Json,
  place: string,
  about: (release?: string) => RecordSubject,
  ledger: Ledger,
): TrackerPair | undefined {
  if (!isObject(value)) {
    ledger.drop('wrong_type', place, `expected an object, found ${typeName(value)}`, 1, about());
    return undefined;
  }
  const releases = value['releases'];
  // PHP exports an empty object as an empty list.
  if (!isObject(releases) && !isEmptyList(releases)) {
    const found = `expected an object, found ${typeName(releases)}`;
    ledger.drop('wrong_type', `${place}/releases`, found, 1, about());
    return undefined;
  }
  const rows = Object.entries(releases);
  if (rows.length === 0) {
    ledger.drop('no_releases', place, undefined, 1, about());
    return undefined;
  }
  if (!sourceName.test(name)) {
    for (const [release] of rows) ledger.drop('bad_package_name', place, undefined, 1, about(release));
    return undefined;
  }
  if (!vulnerabilityId.test(id)) {
    for (const [release] of rows)
      ledger.drop('unknown_vulnerability_id', place, undefined, 1, about(release));
    return undefined;
  }
  const description = value['description'];
  return {
    package: name,
    vulnerability: id,
    ...(typeof description === 'string' && description !== '' && { description }),
    rows: rows.flatMap(([release, row]) =>
      readRow(release, row, `${place}/releases/${pointerStep(release)}`, about(release), ledger),
    ),
  };
}

function readRow(
  release: string,
  value: Json,
  place: string,
  about: RecordSubject,
  ledger: Ledger,
): TrackerRow[] {
  if (!isObject(value)) {
    ledger.drop('wrong_type', place, `expected an object, found ${typeName(value)}`, 1, about);
    return [];
  }
  for (const field of ['status', 'fixed_version', 'urgency', 'nodsa', 'nodsa_reason']) {
    const found = value[field];
    if (found === undefined || found === null || typeof found === 'string') continue;
    const message = `expected a string, found ${typeName(found)}`;
    ledger.drop('wrong_type', `${place}/${field}`, message, 1, about);
    return [];
  }
  const status = text(value['status']);
  if (status === undefined) {
    ledger.drop('status_missing', place, undefined, 1, about);
    return [];
  }
  const nodsaReason = text(value['nodsa_reason']) ?? (text(value['nodsa']) === undefined ? undefined : '');
  const fixedVersion = text(value['fixed_version']);
  const urgency = text(value['urgency']);
  return [
    {
      release,
      status,
      ...(fixedVersion !== undefined && { fixedVersion }),
      ...(urgency !== undefined && { urgency }),
      ...(nodsaReason !== undefined && { nodsaReason }),
      versions: repositoryVersions(value['repositories']),
    },
  ];
}

/** Versions are only used to detect stale notes, so a wrong type is ignored. */
function repositoryVersions(repositories: Json | undefined): string[] {
  if (!isObject(repositories)) return [];
  return Object.values(repositories).filter((version) => typeof version === 'string');
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function isObject(value: Json | undefined): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmptyList(value: Json | undefined): value is [] {
  return Array.isArray(value) && value.length === 0;
}

function typeName(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
