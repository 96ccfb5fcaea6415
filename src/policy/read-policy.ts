import { createHash } from 'node:crypto';
import { isMap, isScalar, LineCounter, parseDocument, visit, type YAMLMap } from 'yaml';
import schema from '../../schemas/policy.schema.json' with { type: 'json' };
import { nearest, ScapfeedError, type SignedRule } from '../model/index.ts';
import { schemaErrors } from '../validate/json-schema.ts';
import type { AllowEntry, Entry, IgnoreEntry, PolicyFile, WaiverEntry } from './policy.ts';

/** More than any policy has; limits the work on a hostile one. */
const maxBytes = 1 << 20;
/** Of mappings and lists; the schema needs four. */
const maxDepth = 30;

/**
 * Reads a policy file. YAML 1.2 without anchors, so that a small file stays small; each error names its line.
 * @throws {ScapfeedError} POLICY_INVALID
 */
export function readPolicyFile(bytes: Buffer, file: string): PolicyFile {
  if (bytes.length > maxBytes) throw invalid(`expected at most ${maxBytes} bytes`, file);
  const text = bytes.toString('utf8');
  if (indentation(text) > maxDepth) throw invalid(`expected at most ${maxDepth} levels`, file);
  const lines = new LineCounter();
  const document = parse(text, lines, file);
  const [error] = document.errors;
  if (error) throw invalid(firstLine(error.message), `${file}:${error.linePos?.[0].line ?? 1}`);
  const value = plainValue(document, lines, file);
  const lineOf = (pointer: string) => lineAt(document, lines, pointer);
  const [violation] = schemaErrors('policy', value);
  if (violation !== undefined) {
    const [pointer = ''] = violation.split(' ');
    throw invalid(inWords(violation), `${file}:${lineOf(pointer === '/' ? '' : pointer)}`);
  }
  const policy = policyOf(value as PolicyDocument, lineOf, file, sha256(bytes));
  for (const entry of [...policy.ignore, ...policy.allow, ...policy.waivers]) requireEntry(entry, file);
  for (const entry of policy.ignore) requireCriteria(entry, file);
  return policy;
}

/** A violation of the schema in the words of a policy's author. */
function inWords(violation: string): string {
  const [, place = '', unknown] =
    /^(\S+) must NOT have additional properties \((.*)\)$/s.exec(violation) ?? [];
  if (unknown !== undefined) {
    const members = membersOf(place);
    const near = nearest(unknown, members);
    const meant = near === undefined ? '' : ` (${near}?)`;
    return `${place === '/' ? 'the policy' : place} has no member ${unknown}${meant}; it may have ${members.join(', ')}`;
  }
  const [, owner, missing] = /^(\S+) must have required property '(.*)'$/s.exec(violation) ?? [];
  return missing === undefined ? violation : `${owner} lacks its ${missing}`;
}

/** What an object of the schema may have, by its pointer in a policy. */
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
  signed?: readonly (Omit<SignedRule, 'images'> & { images: string | readonly string[] })[];
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
  { ignore = [], scan = {}, verify = {}, comply = {}, signed = [] }: PolicyDocument,
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

/** An entry that names nothing, or anything, would put the whole result aside. */
function requireCriteria(entry: IgnoreEntry, file: string): void {
  const named = [entry.vulnerability, entry.package, entry.path, entry.layer, entry.state];
  const tells = named.some((texts) => texts.length > 0 && texts.every((text) => /[^*?/]/.test(text)));
  if (!tells)
    throw invalid(
      `${entry.where}: it would ignore everything: name a vulnerability, package, path, layer or state`,
      `${file}:${entry.line}`,
    );
}

function parse(text: string, lines: LineCounter, file: string): ReturnType<typeof parseDocument> {
  try {
    return parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  } catch (cause) {
    throw invalid(`it cannot be read as YAML: ${firstLine((cause as Error).message)}`, file, cause);
  }
}

function plainValue(document: ReturnType<typeof parseDocument>, lines: LineCounter, file: string): unknown {
  if (document.contents === null) return {};
  if (!isMap(document.contents))
    throw invalid('expected a mapping with `ignore`, `scan`, `verify`, `comply` or `signed`', file);
  visit(document, {
    Map: (_, map) => requireUniqueKeys(map, lines, file),
    Alias: () => {
      throw invalid('anchors and aliases are not allowed', file);
    },
  });
  return document.toJS();
}

/** The parser's own check compares each key with all others. */
function requireUniqueKeys(map: YAMLMap, lines: LineCounter, file: string): void {
  const seen = new Set<string>();
  for (const { key } of map.items) {
    if (!isScalar(key)) continue;
    const name = String(key.value);
    if (seen.has(name))
      throw invalid('Map keys must be unique', `${file}:${lines.linePos(key.range?.[0] ?? 0).line}`);
    seen.add(name);
  }
}

function lineAt(document: ReturnType<typeof parseDocument>, lines: LineCounter, pointer: string): number {
  const path = pointer
    .split('/')
    .slice(1)
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as { range?: readonly number[] } | undefined;
    if (node?.range) return lines.linePos(node.range[0]!).line;
  }
  return 1;
}

/** Levels of flow collections and the indentation of the deepest line: what the parser recurses into. */
function indentation(text: string): number {
  let deepest = 0;
  let depth = 0;
  for (const sign of text) {
    if (sign === '[' || sign === '{') depth += 1;
    else if (sign === ']' || sign === '}') depth = Math.max(0, depth - 1);
    deepest = Math.max(deepest, depth);
  }
  const blocks = text.split('\n').map((line) => /^(?:[ -]*)/.exec(line)![0].length);
  return Math.max(deepest, Math.floor(blocks.reduce((most, each) => Math.max(most, each), 0) / 2));
}

function firstLine(text: string): string {
  return text.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '');
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
