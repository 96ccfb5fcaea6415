import { hash } from 'node:crypto';
import { percentEncoded } from '../percent-encoded.ts';
import {
  type EntryRule,
  type ReportEntry,
  type ReportNotice,
  type ReportSubject,
  signaturesId,
} from '../subject.ts';

/** Limits of GitHub's code scanning: a file above them is refused. */
const mostResults = 25_000;
const mostBytes = 10_000_000;

/** GitHub's limit for the texts of a rule. */
const longestText = 1024;

/**
 * Formats a result as SARIF 2.1.0, within the limits of GitHub's code scanning: a result for each entry that is not well.
 */
export function* sarifLog(subject: ReportSubject): Iterable<string> {
  yield sarifHead;
  yield* sarifRun(subject, 1);
  yield sarifFoot;
}

export const sarifHead =
  '{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[';
export const sarifFoot = ']}\n';

/** Formats one of the runs of a file, which have equal shares of what the file may have. */
export function* sarifRun(run: ReportSubject, runs: number): Iterable<string> {
  const { rules, results, cut } = gather(run, Math.floor(mostBytes / runs));
  const notices = cut > 0 ? [...run.notices, cutNotice(cut, results.length, runs)] : run.notices;
  yield '{"tool":{"driver":{';
  yield `"name":"scapfeed","version":${JSON.stringify(run.toolVersion)},"semanticVersion":${JSON.stringify(run.toolVersion)},"informationUri":"https://scapfeed.invalid","rules":[\n`;
  yield* joined(rules);
  yield ']}},\n';
  yield `"automationDetails":${JSON.stringify({ id: `${run.category}/` })},\n`;
  yield `"invocations":[${JSON.stringify(invocation(run, notices))}],\n`;
  yield `"columnKind":"utf16CodeUnits","properties":${JSON.stringify(run.facts)},\n"results":[\n`;
  yield* joined(results);
  yield ']}';
}

function* joined(texts: readonly string[]): Iterable<string> {
  for (const [at, text] of texts.entries()) yield at === texts.length - 1 ? `${text}\n` : `${text},\n`;
}

/** Without those that are well; the worst first, as what does not fit is cut at the end. */
function alertsOf({ entries, worstFirst }: ReportSubject): Iterable<ReportEntry> {
  return worstFirst ? [...entries].filter(isAlert).sort(worstFirst) : alertsAmong(entries);
}

function* alertsAmong(entries: Iterable<ReportEntry>): Iterable<ReportEntry> {
  for (const entry of entries) if (isAlert(entry)) yield entry;
}

function isAlert({ state }: ReportEntry): boolean {
  return state !== 'skipped' && state !== 'passed';
}

interface Gathered {
  rules: string[];
  results: string[];
  cut: number;
}

function gather(run: ReportSubject, most: number): Gathered {
  const gathered: Gathered = { rules: [], results: [], cut: 0 };
  const places = new Map<string, number>();
  const prints = new Map<string, number>();
  const room = new Room(most);
  for (const entry of alertsOf(run)) {
    if (gathered.cut > 0 || gathered.results.length === mostResults) {
      gathered.cut += 1;
      continue;
    }
    const known = places.get(entry.ruleId);
    const rule = known === undefined ? JSON.stringify(ruleObject(entry.rule())) : '';
    const text = JSON.stringify(resultObject(entry, run.name, known ?? gathered.rules.length, prints));
    if (!room.takes(rule + text)) {
      gathered.cut += 1;
      continue;
    }
    if (known === undefined) {
      places.set(entry.ruleId, gathered.rules.length);
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
}: EntryRule): object {
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
  { ruleId, state, level, message, path, places, identity, accepted, properties }: ReportEntry,
  name: string | undefined,
  ruleIndex: number,
  prints: Map<string, number>,
): object {
  const print = hash('sha256', JSON.stringify([...identity, ...(name === undefined ? [] : [name])])).slice(
    0,
    16,
  );
  const nth = (prints.get(print) ?? 0) + 1;
  prints.set(print, nth);
  return {
    ruleId,
    ruleIndex,
    ...(state === 'found' ? {} : { kind: state === 'open' ? 'open' : 'fail' }),
    level: state === 'open' ? 'none' : level,
    message: { text: message },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: sarifUri(name, path) }, region: { startLine: 1 } },
        logicalLocations: places.map(({ name, fullName, kind }) => ({
          name,
          fullyQualifiedName: fullName,
          kind,
        })),
      },
    ],
    partialFingerprints: { primaryLocationLineHash: `${print}:${nth}` },
    ...(accepted === undefined
      ? {}
      : { suppressions: [{ kind: 'external', status: 'accepted', justification: accepted }] }),
    ...(properties === undefined ? {} : { properties }),
  };
}

/** The execution succeeded where the image was judged, whatever was found (SARIF 2.1.0, 3.20.14 and 3.58.6). */
function invocation({ exitCode }: ReportSubject, notices: readonly ReportNotice[]): object {
  const isIncomplete = notices.some(({ level, id }) => level === 'error' && id !== signaturesId);
  return {
    executionSuccessful: exitCode === undefined ? !isIncomplete : exitCode <= 1,
    ...(exitCode === undefined ? {} : { exitCode }),
    toolExecutionNotifications: notices.map(({ level, id, text }) => ({
      level,
      descriptor: { id },
      message: { text },
    })),
  };
}

function cutNotice(count: number, kept: number, runs: number): ReportNotice {
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

/** GitHub shows an alert at a path in the repository, of which an image has none; nothing in it leads out of its folder. */
function sarifUri(name = '', path = 'image'): string {
  return [name, path]
    .flatMap((part) => part.split('/'))
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .map(percentEncoded)
    .join('/');
}
