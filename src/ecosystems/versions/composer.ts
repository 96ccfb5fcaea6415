import type { VersionOrder } from '../../packaging/order.ts';
import { bounded, compareDigits, compareLists } from './order.ts';

interface ComposerVersion {
  numbers: readonly string[];
  phase: number;
  /** Numbers of the phase: `beta2.1`. */
  counts: readonly string[];
  /** `-dev` behind another phase. */
  isDev: boolean;
}

const words = 'stable|beta|b|rc|alpha|a|patch|pl|p';
const form = new RegExp(
  String.raw`^v?(\d{1,256}(?:[.-]\d{1,256}){0,7})(?:[._-]?(${words})((?:[.-]?\d{1,256}(?:[.-]\d{1,256})*)?))?([.-]?dev)?$`,
);

const phases: Readonly<Record<string, number>> = {
  ...{ alpha: 1, a: 1, beta: 2, b: 2, rc: 3, stable: 4 },
  ...{ patch: 5, pl: 5, p: 5 },
};

/** Composer: missing numbers are 0, dev < alpha < beta < RC < stable < patch. Branches (`dev-main`, `1.x-dev`) have no order. */
export const composer: VersionOrder<ComposerVersion> = bounded({
  read(text) {
    const [own = ''] = text
      .trim()
      .toLowerCase()
      .split(/(?<!\s)\s+as\s+|\+|@/);
    const [, numbers, word, counts = '', dev] = form.exec(own) ?? [];
    if (numbers === undefined) return undefined;
    return {
      numbers: numbers.split(/[.-]/),
      phase: word === undefined ? (dev === undefined ? 4 : 0) : phases[word]!,
      counts: counts.match(/\d+/g) ?? [],
      isDev: dev !== undefined,
    };
  },
  compare: (a, b) =>
    compareLists(a.numbers, b.numbers, compareDigits, (rest) => compareDigits(rest, '0')) ||
    a.phase - b.phase ||
    compareLists(a.counts, b.counts, compareDigits, (rest) => compareDigits(rest, '0')) ||
    Number(b.isDev) - Number(a.isDev),
});
