import { hash } from 'node:crypto';
import { percentEncoded } from '../percent-encoded.ts';

/** Limits of GitHub's code scanning: a file above them is refused. */
const mostResults = 25_000;
const mostBytes = 10_000_000;

/** GitHub's limit for the texts of a rule. */
const longestText = 1024;

export type SarifLevel = 'error' | 'warning' | 'note' | 'none';

/** A kind of finding. Empty texts do not count as given, so each has one. */
export interface SarifRule {
  id: string;
  name?: string;
  short: string;
  full: string;
  help: { text: string; markdown: string };
  level: SarifLevel;
  helpUri?: string;
  tags: readonly string[];
  /** 0.1 to 10.0; makes it a security rule with this severity. */
  securitySeverity?: number;
  properties?: Readonly<Record<string, unknown>>;
}

export interface SarifResult {
  rule: SarifRule;
  level: SarifLevel;
  kind?: 'fail' | 'open';
  message: string;
  /** Path in the repository that the alert stands at: an image has none, so one that stays the same. */
  uri: string;
  logical: readonly SarifPlace[];
  /** The properties that stay the same from night to night. */
  identity: readonly string[];
  /** Why the user put it aside. */
  suppressed?: string;
  properties?: Readonly<Record<string, unknown>>;
}

/** A package or a layer. */
export interface SarifPlace {
  name: string;
  fullName: string;
  kind: string;
}

export interface SarifNotification {
  level: 'error' | 'warning' | 'note';
  id: string;
  text: string;
}

export interface SarifRun {
  toolVersion: string;
  /** GitHub replaces the alerts of a category by those of the next run: one for each image and command. */
  category: string;
  /** The worst first: what does not fit is cut at the end. */
  results: Iterable<SarifResult>;
  notifications: readonly SarifNotification[];
  exitCode?: number;
  properties: Readonly<Record<string, unknown>>;
}

/** Formats a run as SARIF 2.1.0, within the limits of GitHub's code scanning. */
export function* sarifLog(run: SarifRun): Iterable<string> {
  yield sarifHead;
  yield* sarifRun(run, 1);
  yield sarifFoot;
}

export const sarifHead =
  '{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[';
export const sarifFoot = ']}\n';

/** Formats one of the runs of a file, which have equal shares of what the file may have. */
export function* sarifRun(run: SarifRun, runs: number): Iterable<string> {
  const { rules, results, cut } = gather(run.results, Math.floor(mostBytes / runs));
  const notifications =
    cut > 0 ? [...run.notifications, cutNotification(cut, results.length, runs)] : run.notifications;
  yield '{"tool":{"driver":{';
  yield `"name":"scapfeed","version":${JSON.stringify(run.toolVersion)},"semanticVersion":${JSON.stringify(run.toolVersion)},"informationUri":"https://scapfeed.invalid","rules":[\n`;
  yield* joined(rules);
  yield ']}},\n';
  yield `"automationDetails":${JSON.stringify({ id: `${run.category}/` })},\n`;
  yield `"invocations":[${JSON.stringify(invocation(run, notifications))}],\n`;
  yield `"columnKind":"utf16CodeUnits","properties":${JSON.stringify(run.properties)},\n"results":[\n`;
  yield* joined(results);
  yield ']}';
}

function* joined(texts: readonly string[]): Iterable<string> {
  for (const [at, text] of texts.entries()) yield at === texts.length - 1 ? `${text}\n` : `${text},\n`;
}

interface Gathered {
  rules: string[];
  results: string[];
  cut: number;
}

function gather(all: Iterable<SarifResult>, most: number): Gathered {
  const gathered: Gathered = { rules: [], results: [], cut: 0 };
  const places = new Map<string, number>();
  const prints = new Map<string, number>();
  const room = new Room(most);
  for (const result of all) {
    if (gathered.cut > 0 || gathered.results.length === mostResults) {
      gathered.cut += 1;
      continue;
    }
    const known = places.get(result.rule.id);
    const rule = known === undefined ? JSON.stringify(ruleObject(result.rule)) : '';
    const text = JSON.stringify(resultObject(result, known ?? gathered.rules.length, prints));
    if (!room.takes(rule + text)) {
      gathered.cut += 1;
      continue;
    }
    if (known === undefined) {
      places.set(result.rule.id, gathered.rules.length);
      gathered.rules.push(rule);
    }
    gathered.results.push(text);
  }
  return gathered;
}

/** Counts what the file will have when it is packed; pieces packed by themselves are never smaller than together. */
class Room {
  readonly #most: number;
  #plain = 0;
  #packed = 0;
  #waiting: string[] = [];
  #waitingSize = 0;

  constructor(most: number) {
    this.#most = most;
  }

  takes(text: string): boolean {
    this.#plain += text.length;
    this.#waiting.push(text);
    this.#waitingSize += text.length;
    // Below this size no text needs to be packed to know that it fits.
    if (this.#plain < this.#most) return true;
    if (this.#waitingSize > Math.min(1_000_000, this.#most / 10)) {
      // Few reports are so large: loading zlib takes a tenth of making a small one.
      const { gzipSync } = process.getBuiltinModule('node:zlib');
      this.#packed += gzipSync(this.#waiting.join('')).length;
      this.#waiting = [];
      this.#waitingSize = 0;
    }
    return this.#packed + this.#waitingSize < this.#most;
  }
}

function ruleObject({
  id,
  name,
  short,
  full,
  help,
  level,
  helpUri,
  tags,
  securitySeverity,
  properties,
}: SarifRule): object {
  return {
    id,
    ...(name === undefined ? {} : { name }),
    shortDescription: { text: cut(short) },
    fullDescription: { text: cut(full) },
    help,
    ...(helpUri === undefined ? {} : { helpUri }),
    defaultConfiguration: { level },
    properties: {
      tags,
      precision: 'very-high',
      ...(securitySeverity === undefined ? {} : { 'security-severity': securitySeverity.toFixed(1) }),
      ...properties,
    },
  };
}

function resultObject(
  { rule, level, kind, message, uri, logical, identity, suppressed, properties }: SarifResult,
  ruleIndex: number,
  prints: Map<string, number>,
): object {
  const print = hash('sha256', JSON.stringify(identity)).slice(0, 16);
  const nth = (prints.get(print) ?? 0) + 1;
  prints.set(print, nth);
  return {
    ruleId: rule.id,
    ruleIndex,
    ...(kind === undefined ? {} : { kind }),
    level,
    message: { text: message },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri }, region: { startLine: 1 } },
        logicalLocations: logical.map(({ name, fullName, kind: what }) => ({
          name,
          fullyQualifiedName: fullName,
          kind: what,
        })),
      },
    ],
    partialFingerprints: { primaryLocationLineHash: `${print}:${nth}` },
    ...(suppressed === undefined
      ? {}
      : { suppressions: [{ kind: 'external', status: 'accepted', justification: suppressed }] }),
    ...(properties === undefined ? {} : { properties }),
  };
}

/** Of signatures that are not as required: the image was judged all the same. */
export const signaturesId = 'signatures';

/** The execution succeeded where the image was judged, whatever was found (SARIF 2.1.0, 3.20.14 and 3.58.6). */
function invocation({ exitCode }: SarifRun, notifications: readonly SarifNotification[]): object {
  const isIncomplete = notifications.some(({ level, id }) => level === 'error' && id !== signaturesId);
  return {
    executionSuccessful: exitCode === undefined ? !isIncomplete : exitCode <= 1,
    ...(exitCode === undefined ? {} : { exitCode }),
    toolExecutionNotifications: notifications.map(({ level, id, text }) => ({
      level,
      descriptor: { id },
      message: { text },
    })),
  };
}

function cutNotification(count: number, kept: number, runs: number): SarifNotification {
  const share = runs === 1 ? '' : `, of which each of the ${runs} images has a share`;
  return {
    level: 'warning',
    id: 'results-cut',
    text: `${count} more findings are left out: GitHub takes ${mostResults} results and 10 MB in a file${share}. The first ${kept} are here, the worst first; -o json has all.`,
  };
}

function cut(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText - 1)}…`;
}

/** A relative path as a URI; nothing in it leads out of its folder. */
export function sarifUri(...parts: readonly string[]): string {
  return parts
    .flatMap((part) => part.split('/'))
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .map(percentEncoded)
    .join('/');
}

/** Text inside Markdown: nothing in it is markup. */
export function inMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>()#+!|~&$-]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
