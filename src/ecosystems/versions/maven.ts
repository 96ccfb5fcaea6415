import type { VersionOrder } from '../../packaging/order.ts';
import { bounded, compareDigits, compareText } from './order.ts';

/** A number, a word, or the list that a hyphen or a change between letters and digits begins. */
type MavenItem = { number: string } | { word: string } | MavenList;
type MavenList = readonly MavenItem[];

/** Words below and above a release, in order; the release itself is the empty word. */
const known = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp'];
const aliases: Readonly<Record<string, string>> = { ga: '', final: '', release: '', cr: 'rc' };
const short: Readonly<Record<string, string>> = { a: 'alpha', b: 'beta', m: 'milestone' };

/** Maven's ComparableVersion, https://maven.apache.org/pom.html#version-order-specification */
export const maven: VersionOrder<MavenList> = bounded({
  read(text) {
    const own = text.trim();
    return own === '' || /[\s,[\]()]/.test(own) ? undefined : parse(own.toLowerCase());
  },
  compare: (a, b) => compareItems(a, b),
});

function parse(text: string): MavenList {
  const whole: MavenItem[] = [];
  const open: MavenItem[][] = [whole];
  let list = whole;
  const begin = () => {
    const next: MavenItem[] = [];
    list.push(next);
    list = next;
    open.push(next);
  };
  const tokens = text.match(/\d+|[.-]|[^\d.-]+/g) ?? [];
  let afterSeparator = true;
  for (const [at, token] of tokens.entries()) {
    if (token === '.' || token === '-') {
      if (afterSeparator) list.push({ number: '0' });
      if (token === '-') begin();
      afterSeparator = true;
      continue;
    }
    const isNumber = /^\d/.test(token);
    if (!afterSeparator) begin();
    else if (!isNumber && list.length > 0) begin();
    const next = tokens[at + 1];
    list.push(
      isNumber ? { number: token } : { word: spelled(token, next !== undefined && /^\d/.test(next)) },
    );
    afterSeparator = false;
  }
  for (const each of open.reverse()) trim(each);
  return whole;
}

function spelled(word: string, beforeDigit: boolean): string {
  const long = beforeDigit ? (short[word] ?? word) : word;
  return aliases[long] ?? long;
}

/** Zeros, empty words and empty lists at the end, and before a list, are nothing. */
function trim(list: MavenItem[]): void {
  for (let at = list.length - 1; at >= 0; at -= 1) {
    if (isNothing(list[at]!)) list.splice(at, 1);
    else if (!Array.isArray(list[at])) break;
  }
}

function isNothing(item: MavenItem): boolean {
  if ('number' in item) return /^0+$/.test(item.number);
  return 'word' in item ? item.word === '' : item.length === 0;
}

/** Undefined stands for nothing: the end of the shorter version. */
function compareItems(a: MavenItem | undefined, b: MavenItem | undefined): number {
  if (a === undefined) return b === undefined ? 0 : -compareItems(b, undefined);
  if ('number' in a) {
    if (b === undefined) return compareDigits(a.number, '0');
    return 'number' in b ? compareDigits(a.number, b.number) : 1;
  }
  if ('word' in a) {
    if (b === undefined) return compareWords(a.word, '');
    return 'word' in b ? compareWords(a.word, b.word) : -1;
  }
  if (b === undefined) {
    for (const item of a) {
      const order = compareItems(item, undefined);
      if (order !== 0) return order;
    }
    return 0;
  }
  if ('number' in b) return -1;
  if ('word' in b) return 1;
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const order = compareItems(a[at], b[at]);
    if (order !== 0) return order;
  }
  return 0;
}

/** Other words are above all known ones, among each other by their letters. */
function compareWords(a: string, b: string): number {
  const [one, other] = [rank(a), rank(b)];
  return one - other || compareText(a, b);
}

function rank(word: string): number {
  const at = known.indexOf(word);
  return at === -1 ? known.length : at;
}
