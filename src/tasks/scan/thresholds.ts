import { type Severity, severities, severityAtLeast } from '../../model/feed/index.ts';
import { isUnrated, type ViewedVerdict } from '../../model/verdict/index.ts';
import { type Given, oneOf, unexpected } from '../given-words.ts';

/** One --fail-on: selects the flaws that fail, and those that it cannot decide. */
export interface FailThreshold {
  /** As it was given, for messages. */
  text: string;
  /** Severities share a line of the report. */
  severity?: true;
  /** Fails for what no severity or measure can name. */
  open?: OpenWord;
  fails(verdict: ViewedVerdict): boolean;
  /** The measure that it compares; a verdict without it may or may not fail. */
  measure?: 'epss' | 'risk';
  /** A feed without one of these has nothing to measure by; `ratings`: any source of them, also a vendor that rates. */
  needs?: readonly ('kev' | 'epss' | 'ratings')[];
}

/** Undecided cases: flaws that nobody has rated, flaws that the vendor has not analyzed yet, packages that no feed covers. */
const openWords = ['unrated', 'unsettled', 'unjudged'] as const;

export type OpenWord = (typeof openWords)[number];

/** Fails for flaws that are known to be exploited, for any, or for what is open. */
export type ThresholdWord = Severity | 'any' | 'kev' | OpenWord;

export function wordThreshold(word: ThresholdWord): FailThreshold {
  if (isOpenWord(word)) return { text: word, open: word, fails: failsOpen[word] };
  if (word === 'kev')
    return { text: word, fails: ({ exploited }) => exploited !== undefined, needs: ['kev'] };
  if (word === 'any') return { text: word, severity: true, fails: () => true };
  return {
    text: word,
    severity: true,
    fails: ({ severity }) => severityAtLeast(severity, word),
    needs: ['ratings'],
  };
}

const isOpenWord = (word: ThresholdWord): word is OpenWord => openWords.some((each) => each === word);

const failsOpen: Readonly<Record<OpenWord, FailThreshold['fails']>> = {
  unrated: (verdict) => verdict.status === 'affected' && isUnrated(verdict),
  unsettled: ({ status }) => status === 'under_investigation',
  // A package, not a flaw.
  unjudged: () => false,
};

/** Fails from a probability of exploitation, or from a risk, on; undefined: `number` is neither. `text`: as it was given. */
function measureThreshold(measure: 'epss' | 'risk', number: string): FailThreshold | undefined {
  const least = numberUpTo(measure === 'epss' ? 1 : 100, number);
  if (least === undefined) return undefined;
  const measured = ({ epss, risk }: ViewedVerdict) => (measure === 'epss' ? epss?.probability : risk);
  return {
    text: `${measure}=${number}`,
    fails: (verdict) => (measured(verdict) ?? -1) >= least,
    measure,
    // A flaw without a rating has a risk, by the weight of a medium one.
    needs: measure === 'risk' ? ['epss', 'ratings'] : ['epss'],
  };
}

function numberUpTo(most: number, text: string): number | undefined {
  const value = /^\d{1,3}(?:\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
  return value > 0 && value <= most ? value : undefined;
}

const words = [
  ...severities.filter((severity) => severity !== 'unknown'),
  'any',
  'kev',
  ...openWords,
] satisfies ThresholdWord[];

/** The thresholds of a scan, for help. */
export const thresholdWords: readonly string[] = [...words, 'epss=P', 'risk=N'];

const instead = {
  epss: 'specify the lowest probability that fails: epss=0.1',
  risk: 'specify the lowest risk that fails: risk=50',
  // A severity of other tools, and a status of the vendor.
  unknown: 'unrated: flaws that nobody has rated; unsettled: flaws that the vendor has not investigated yet',
};

/** One threshold of a scan. @throws {ScapfeedError} USAGE */
export function readThreshold(text: string, as: Given): FailThreshold {
  const given = text.toLowerCase();
  const [, name, number = ''] = /^(epss|risk)=(.*)$/.exec(given) ?? [];
  if (name === 'epss' || name === 'risk') {
    const threshold = measureThreshold(name, number);
    const expected = name === 'epss' ? 'a probability above 0, up to 1' : 'a risk above 0, up to 100';
    if (threshold === undefined) throw unexpected(as, expected, text, instead[name]);
    return threshold;
  }
  return wordThreshold(oneOf(words, given, as, { noun: 'threshold', instead }));
}
