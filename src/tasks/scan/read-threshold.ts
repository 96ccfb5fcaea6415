import { severities } from '../../model/index.ts';
import { type Given, oneOf, unexpected } from '../given-words.ts';
import { type FailThreshold, measureThreshold, type ThresholdWord, wordThreshold } from './gate.ts';

const words = [
  ...severities.filter((severity) => severity !== 'unknown'),
  'any',
  'kev',
] satisfies ThresholdWord[];

/** Values of --fail-on of a scan, for help. */
export const thresholdWords: readonly string[] = [...words, 'epss=P', 'risk=N'];

const instead = {
  unknown: '--fail-on-unrated fails for flaws that nobody has rated',
  epss: 'specify the lowest probability that fails: epss=0.1',
  risk: 'specify the lowest risk that fails: risk=50',
};

/** One --fail-on of a scan. @throws {ScapfeedError} USAGE */
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
