import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import schema from '../../schemas/policy.schema.json' with { type: 'json' };
import { ScapfeedError } from '../model/error.ts';
import type { OwnerRule, SlaRules } from '../model/fleet/index.ts';
import { nowWritten } from '../model/former-words.ts';
import { nearest } from '../model/nearest.ts';
import type { SignedRule, VexRule } from '../model/verdict/index.ts';
import { schemaErrors } from '../validate/json-schema.ts';
import type { AllowEntry, Entry, IgnoreEntry, PolicyFile, WaiverEntry } from './policy.ts';
import { readYaml, type YamlText } from './yaml-text.ts';

/**
 * Reads a policy file. YAML 1.2 without anchors, so that a small file stays small; each error names its line.
 * @throws {ScapfeedError} POLICY_INVALID
 */
export function readPolicyFile(bytes: Buffer, file: string): PolicyFile {
  // Comments alone are deliberate; an empty file was cut or never written, and its thresholds are lost.
  if (bytes.toString('utf8').trim() === '') throw invalid('the policy is empty', file);
  const yaml = readYaml(
    bytes,
    file,
    'a mapping with `ignore`, `scan`, `verify`, `comply`, `signed`, `vex`, `owners` or `sla`',
    invalid,
  );
  const value: unknown = yaml.top === undefined ? {} : yaml.document.toJS();
  const lineOf = (pointer: string) => lineAt(yaml, pointer);
  const [violation] = schemaErrors('policy', value);
  if (violation !== undefined) {
    const [pointer = ''] = violation.split(' ');
    throw invalid(inWords(violation), `${file}:${lineOf(pointer === '/' ? '' : pointer)}`);
  }
  const policy = policyOf(value as PolicyDocument, lineOf, file, sha256(bytes));
  for (const entry of [...policy.ignore, ...policy.allow, ...policy.waivers]) requireEntry(entry, file);
  for (const entry of policy.ignore) requireCriteria(entry, file);
  requireDifferentOwners(policy.owners, (at) => `${file}:${lineOf(`/owners/${at}`)}`);
  requireOneTrust(policy.vex ?? [], (at) => `${file}:${lineOf(`/vex/${at}`)}`);
  return policy;
}

/** A violation of the schema in the words of a policy's author. */
function inWords(violation: string): string {
  const [, place = '', unknown] =
    /^(\S+) must NOT have additional properties \((.*)\)$/s.exec(violation) ?? [];
  if (unknown !== undefined) {
    const members = membersOf(place);
    const now = nowWritten(unknown, members);
    const near = now ? `${now.option}: ${now.value}` : nearest(unknown, members);
    const meant = near === undefined ? '' : ` (${near}?)`;
    return `${place === '/' ? 'the policy' : place} has no member ${unknown}${meant}; it may have ${members.join(', ')}`;
  }
  const [, owner, missing] = /^(\S+) must have required property '(.*)'$/s.exec(violation) ?? [];
  return missing === undefined ? violation : `${owner} lacks its ${missing}`;
}

/** Members that an object of the schema may have, by its pointer in a policy. */
function membersOf(pointer: string): readonly string[] {
  let at: SchemaNode | undefined = schema;
  for (const step of pointer.split('/').filter(Boolean))
    at = /^\d+$/.test(step) ? at?.items : at?.properties?.[step];
  return Object.keys(at?.properties ?? {});
}

interface SchemaNode {
  type?: string;
  anyOf?: readonly unknown[];
  oneOf?: readonly unknown[];
  enum?: readonly string[];
  properties?: Readonly<Record<string, SchemaNode>>;
  items?: SchemaNode;
}

type TextOrList = string | number | readonly (string | number)[];

/** The file as the schema describes it. */
interface PolicyDocument {
  ignore?: readonly EntryDocument[];
  scan?: Readonly<Record<string, TextOrList | boolean>>;
  verify?: Readonly<Record<string, TextOrList | boolean>> & { allow?: readonly EntryDocument[] };
  comply?: Readonly<Record<string, TextOrList | boolean>> & { waivers?: readonly EntryDocument[] };
  vex?: readonly (Omit<VexRule, 'images' | 'purls' | 'statuses'> & {
    images?: TextOrList;
    purls: TextOrList;
    statuses: VexRule['statuses'][number] | VexRule['statuses'];
  })[];
  signed?: readonly (Omit<SignedRule, 'images'> & { images: string | readonly string[] })[];
  owners?: readonly {
    owner: string;
    names?: TextOrList;
    labels?: Readonly<Record<string, TextOrList>>;
    namespaces?: TextOrList;
  }[];
  sla?: Omit<SlaRules, 'from'> & Partial<SlaRules>;
}

interface EntryDocument {
  reason: string;
  until?: string;
  vulnerability?: TextOrList;
  package?: TextOrList;
  path?: TextOrList;
  layer?: TextOrList;
  state?: TextOrList;
  rule?: TextOrList;
}

function policyOf(
  { ignore = [], scan = {}, verify = {}, comply = {}, signed = [], vex, owners = [], sla }: PolicyDocument,
  lineOf: (pointer: string) => number,
  file: string,
  digest: string,
): PolicyFile {
  const entry = ({ reason, until }: EntryDocument, where: string): Entry => ({
    where,
    line: lineOf(where),
    reason,
    ...(until === undefined ? {} : { until }),
  });
  const { allow = [], ...verifyOptions } = verify;
  const { waivers = [], ...complyOptions } = comply;
  return {
    file,
    sha256: digest,
    ignore: ignore.map(
      (each, at): IgnoreEntry => ({
        ...entry(each, `/ignore/${at}`),
        vulnerability: texts(each.vulnerability),
        package: texts(each.package),
        path: texts(each.path),
        layer: texts(each.layer),
        state: texts(each.state),
      }),
    ),
    options: { scan: optionsOf(scan), verify: optionsOf(verifyOptions), comply: optionsOf(complyOptions) },
    allow: allow.map(
      (each, at): AllowEntry => ({ ...entry(each, `/verify/allow/${at}`), path: texts(each.path) }),
    ),
    waivers: waivers.map(
      (each, at): WaiverEntry => ({ ...entry(each, `/comply/waivers/${at}`), rule: texts(each.rule) }),
    ),
    signed: signed.map((rule) => ({ ...rule, images: texts(rule.images) })),
    owners: owners.map(
      ({ owner, names, labels = {}, namespaces }): OwnerRule => ({
        ...{ owner, names: texts(names), namespaces: texts(namespaces) },
        labels: Object.fromEntries(Object.entries(labels).map(([name, values]) => [name, texts(values)])),
      }),
    ),
    ...(sla && { sla: { from: sla.from ?? 'fix', days: sla.days } }),
    ...(vex && {
      vex: vex.map(({ images, purls, statuses, ...rule }) => ({
        ...rule,
        ...{ images: texts(images), purls: texts(purls), statuses: [statuses].flat() },
      })),
    }),
  };
}

/** `true` is an option without a value; `false` leaves it out. */
function optionsOf(
  options: Readonly<Record<string, TextOrList | boolean>>,
): Record<string, readonly string[]> {
  const entries = Object.entries(options).flatMap(([name, value]) => {
    if (value === false) return [];
    return [[name, value === true ? [''] : texts(value)] as const];
  });
  return Object.fromEntries(entries);
}

function texts(value: TextOrList | undefined): string[] {
  return value === undefined ? [] : [value].flat().map(String);
}

function requireEntry({ where, line, reason, until }: Entry, file: string): void {
  if (reason.trim() === '') throw invalid(`${where}/reason: expected why, found nothing`, `${file}:${line}`);
  if (until === undefined) return;
  const date = new Date(`${until}T00:00:00Z`);
  if (Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== until)
    throw invalid(`${where}/until: ${until} is no day of the calendar`, `${file}:${line}`);
}

const allStates = schema.properties.ignore.items.properties.state.anyOf[0]!.enum!;

/**
 * An entry that names nothing, or anything, would put the whole result aside. So would a path alone: it is that of a package database,
 * and an image has one.
 */
function requireCriteria(entry: IgnoreEntry, file: string): void {
  const named = [entry.vulnerability, entry.package, entry.layer];
  const narrows =
    named.some((texts) => texts.length > 0 && texts.every((text) => /[^*?/]/.test(text))) ||
    (entry.state.length > 0 && allStates.some((state) => !entry.state.includes(state)));
  if (!narrows)
    throw invalid(
      `${entry.where}: it would ignore everything${entry.path.length > 0 ? ' in that package database' : ''}: specify a vulnerability, package, layer or state`,
      `${file}:${entry.line}`,
    );
}

/** Attested VEX is verified once for all rules: with roots of several rules, an authority of one could name an identity of another. */
function requireOneTrust(rules: readonly VexRule[], placeOf: (at: number) => string): void {
  const own = rules.flatMap((rule, at) => {
    const { by, 'trusted-root': root, 'log-entries': logs, timestamps } = rule;
    const isBound = [root, logs, timestamps].some((member) => member !== undefined);
    if (!isBound && by.every(({ identity }) => identity === undefined)) return [];
    const trust = [root === undefined ? 'feed' : posix.normalize(root), logs, timestamps];
    return [{ at, trust: JSON.stringify(trust) }];
  });
  const other = own.find(({ trust }) => trust !== own[0]!.trust);
  if (!other) return;
  throw invalid(
    `/vex/${other.at}: expected the trusted-root, log-entries and timestamps of /vex/${own[0]!.at}: rules of vex have them in common`,
    placeOf(other.at),
  );
}

function requireDifferentOwners(rules: readonly OwnerRule[], placeOf: (at: number) => string): void {
  const seen = new Set<string>();
  for (const [at, { owner }] of rules.entries()) {
    if (seen.has(owner)) throw invalid(`/owners/${at}: ${owner} has a rule before`, placeOf(at));
    seen.add(owner);
  }
}

function lineAt({ document, lineOf }: YamlText, pointer: string): number {
  const path = pointer
    .split('/')
    .slice(1)
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if ((node as { range?: unknown } | undefined)?.range) return lineOf(node);
  }
  return 1;
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function invalid(message: string, where: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'POLICY_INVALID',
    message,
    where,
    remedy:
      'correct it; `scapfeed policy check FILE` looks at it alone, and schemas/policy.schema.json describes it',
    ...(cause === undefined ? {} : { cause }),
  });
}
