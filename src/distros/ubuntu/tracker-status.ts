import { parseDpkgVersion } from '../../packaging/index.ts';
import { type Saying, sayings } from './vocabulary.ts';

/** A parsed status: its claim, its channel, and doubts. */
export interface TrackerStatus {
  /** Undefined: the row is not usable; `drop` is the reason. */
  saying?: Saying;
  drop?: 'unknown_status' | 'release_without_version' | 'absurd_version';
  /** `released-esm`: the fix is in ESM although the row is the base release's. */
  esm?: true;
  doubt?: 'free_text' | 'malformed_status';
}

/**
 * `released (1.2-3ubuntu1)`, `ignored (end of standard support, was needed)`: UCT README, "Package Status".
 * The text in parentheses is prose; the parts that change the status are matched here, the rest is a doubt.
 */
export function readTrackerStatus(value: string): TrackerStatus {
  let known = statuses.get(value);
  if (known === undefined) {
    known = interpret(value);
    if (statuses.size >= mostStatuses) statuses.clear();
    statuses.set(value, known);
  }
  return known;
}

// Cached: 500,000 rows have some 5,000 different texts.
const statuses = new Map<string, TrackerStatus>();
const mostStatuses = 50_000;

/** Characters of a status that are read; the longest has some hundred. */
const longestStatus = 10_000;

function interpret(value: string): TrackerStatus {
  const read = value.slice(0, longestStatus);
  const word = /^[A-Za-z-]*/.exec(read)![0];
  const { text, malformed } = parenthesis(read.slice(word.length).trim());
  const status = byWord(word, text);
  const isCut = read.length < value.length;
  return (malformed || isCut) && status.doubt === undefined && status.drop === undefined
    ? { ...status, doubt: 'malformed_status' }
    : status;
}

/** `(text)`; older ESM rows have `[text]`, and some lack one of the two. */
function parenthesis(rest: string): { text: string; malformed: boolean } {
  const whole = /^\((.*)\)$/.exec(rest) ?? /^\[(.*)\]$/.exec(rest);
  const text = whole ? whole[1]! : rest;
  // A bracket that is not closed within the text is an error in it: `((1.5.6-2ubuntu0.2)`.
  const opened = /[([]/.test(text);
  const closed = /[)\]]/.test(text);
  const bare = (opened === closed ? text : text.replace(/^[([]+|(?<![)\]])[)\]]+$/, '')).trim();
  return { text: bare, malformed: rest !== '' && (!whole || bare !== text.trim()) };
}

function byWord(word: string, text: string): TrackerStatus {
  switch (word) {
    case 'DNE':
      return { saying: sayings.notShipped };
    case 'needs-triage':
      return open(sayings.unconfirmed, text);
    case 'needed':
    case 'active':
    case 'in-progress':
      return open(sayings.open, text);
    case 'pending':
      return { saying: pending(text) };
    case 'deferred':
      return { saying: sayings.deferred, ...(isDate(text) ? {} : { doubt: 'free_text' }) };
    case 'ignored':
      return ignored(text);
    case 'not-affected':
      return { saying: sayings.notAffected };
    case 'released':
      return released(text);
    case 'released-esm':
      return { ...released(text), esm: true };
    default:
      return { drop: 'unknown_status' };
  }
}

function open(saying: Saying, text: string): TrackerStatus {
  if (text === '') return { saying };
  return releaseEnded.test(text) ? { saying: sayings.releaseEnded } : { saying, doubt: 'free_text' };
}

/** The fix is built but not published: its version is kept for display and is not a threshold. */
function pending(version: string): Saying {
  const reason = parseDpkgVersion(version) ? `pending ${version}` : 'pending';
  return { status: 'affected', fixState: 'none_yet', reason };
}

function released(version: string): TrackerStatus {
  if (version === '') return { drop: 'release_without_version' };
  if (!parseDpkgVersion(version)) return { drop: 'absurd_version' };
  return { saying: { status: 'fixed', fixed: version } };
}

/** An ignored row has its earlier status in its text; a package that was not affected is still not affected. */
function ignored(text: string): TrackerStatus {
  if (/\bwas not-affected\b/.test(text)) return { saying: sayings.notAffected };
  const fixed = /\bwas released \\?\[([^\s\\\]]+)/.exec(text)?.[1];
  if (fixed !== undefined) return released(fixed);
  if (releaseEnded.test(text)) return { saying: sayings.releaseEnded };
  if (outOfScope.test(text)) return { saying: sayings.outOfScope };
  if (notAffected.test(text))
    return { saying: { ...sayings.willNotFix, reason: 'vulnerable_code_not_present' } };
  if (text === '' || decided.test(text)) return { saying: sayings.willNotFix };
  return { saying: sayings.willNotFix, doubt: 'free_text' };
}

const releaseEnded =
  /\bend[- ]of[- ](?:life|support|standard support|kernel support|esm support)|\bout of (?:standard? )?support\b|\bEOL\b/i;
const outOfScope =
  /\bESM criteria\b|\babandoned\b|\bno longer (?:updated|supported|maintained)\b|\bnot supported\b|\bsuperseded\b/i;
const notAffected = /\bcode[- ]not[- ](?:compiled|built|present|used)\b|^not affected$/i;
const decided =
  /\bwill not (?:be )?fix|\bwon't fix|\btoo intrusive\b|\b(?:disputed?s?|rejected)\b|\bsee notes\b|\bno update available\b|\bnot available\b|\bintrusive\b|\bnot a security\b/i;

function isDate(text: string): boolean {
  return text === '' || /^\d{4}-\d\d-\d\d$/.test(text);
}
