import type { LabelledImage } from './labels.ts';
import type { LanguageScores, UnscoredLanguage } from './languages.ts';
import type { Scored } from './score.ts';

export interface Outcome {
  images: readonly LabelledImage[];
  scored: readonly Scored[];
  /** Images whose release is not told, or that no feed has. */
  without: { image: LabelledImage; platform: string | undefined }[];
}

/** Scores of packages of languages, of so many labels. */
export interface LanguageOutcome extends LanguageScores {
  labels: number;
}

/** The page with the tables of an outcome between its marks. */
export function pageWith(page: string, outcome: Outcome): string {
  return between(page, 'scores', tables(outcome));
}

/** The page with the tables of packages of languages between theirs. */
export function pageWithLanguages(page: string, outcome: LanguageOutcome): string {
  return between(page, 'languages', languageTables(outcome));
}

function between(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const [head] = page.split(begin);
  const [, tail] = page.split(end);
  if (head === undefined || tail === undefined) throw new Error(`the page lacks ${begin} or ${end}`);
  return `${head}${begin}\n\n${text}\n${end}${tail}`;
}

const head = ['', 'flaws', 'found', 'recall', 'no flaws', 'reported', 'precision', 'undecided'];

function languageTables({ labels, scored, unscored }: LanguageOutcome): string {
  const ids = [...new Set(scored.map(({ platform }) => platform))].sort();
  const of = (id: string) => scored.filter(({ platform }) => platform === id);
  return [
    `Of ${labels} labels, ${scored.length} have a record in the sample:\n`,
    table(head, [...ids.map((id) => scoreRow(id, of(id))), scoreRow('all', scored)]),
    'Why a flaw of these labels is not reported, and why one that they deny is:\n',
    table(
      ['', 'label', 'labels', 'cause', 'for example'],
      ids.flatMap((id) => causeRows(id, of(id))),
    ),
    'Why the other labels are not scored (`--misses FILE` lists each with its reason):\n',
    table(['cause', 'labels', 'flaw', 'no flaw', 'undecided', 'ids', 'for example'], unscoredRows(unscored)),
  ].join('\n');
}

function unscoredRows(labels: readonly UnscoredLanguage[]): string[][] {
  return [...Map.groupBy(labels, ({ cause }) => cause)]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([cause, own]) => {
      const count = (kind: string) => `${own.filter(({ label }) => label === kind).length}`;
      const ids = new Set(own.map(({ vulnerability }) => vulnerability)).size;
      const { vulnerability, package: name, version } = own[0]!;
      const example = `${vulnerability} in ${name} ${version}`;
      return [cause, `${own.length}`, count('TP'), count('FP'), count('??'), `${ids}`, example];
    });
}

function tables({ scored, without, images }: Outcome): string {
  const platforms = [...new Set(scored.map(({ platform }) => platform))].sort(byRelease);
  const vendors = [...new Set(platforms.map(vendorOf))];
  const ofVendor = (vendor: string) => scored.filter(({ platform }) => vendorOf(platform) === vendor);
  const scores = vendors.map((vendor) => scoreRow(vendor, ofVendor(vendor)));
  const releases = platforms.map((platform) =>
    scoreRow(
      platform,
      scored.filter((label) => label.platform === platform),
    ),
  );
  return [
    table(head, [...scores, scoreRow('all', scored)]),
    'By release:\n',
    table(head, releases),
    'Why a flaw of the labels is not reported, and why one that the labels deny is:\n',
    table(
      ['', 'label', 'labels', 'cause', 'for example'],
      vendors.flatMap((vendor) => causeRows(vendor, ofVendor(vendor))),
    ),
    `Labels of ${images.length} images: ${scored.length} are about packages of the systems above; the others are of packages of languages, or of these images:\n`,
    table(['image', 'labels', 'why not'], without.map(withoutRow)),
  ].join('\n');
}

type Judged = Omit<Scored, 'image'>;

function scoreRow(name: string, labels: readonly Judged[]): string[] {
  const flaws = labels.filter(({ label }) => label === 'TP');
  const none = labels.filter(({ label }) => label === 'FP');
  const found = flaws.filter((label) => label.found).length;
  const wrong = none.filter((label) => label.found).length;
  const undecided = labels.length - flaws.length - none.length;
  return [
    name,
    `${flaws.length}`,
    `${found}`,
    percent(found, flaws.length),
    `${none.length}`,
    `${wrong}`,
    percent(found, found + wrong),
    `${undecided}`,
  ];
}

function causeRows(vendor: string, labels: readonly Judged[]): string[][] {
  const byCause = new Map<string, Judged[]>();
  for (const one of labels) {
    if (one.label === '??' || (one.label === 'TP') === one.found) continue;
    const key = `${one.label === 'TP' ? 'flaw' : 'no flaw'}|${one.cause}`;
    byCause.set(key, [...(byCause.get(key) ?? []), one]);
  }
  return [...byCause]
    .sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
    .map(([key, [first, ...others]]) => {
      const [label = '', cause = ''] = key.split('|');
      const { vulnerability, package: name, version } = first!;
      return [vendor, label, `${others.length + 1}`, cause, `${vulnerability} in ${name} ${version}`];
    });
}

function withoutRow({ image: { name, digest, labels }, platform }: Outcome['without'][number]): string[] {
  const why = platform === undefined ? 'no build tells the release' : `no data of ${platform}`;
  return [`\`${name}@${digest}\``, `${labels.length}`, why];
}

const vendorOf = (platform: string) => platform.split('-')[0]!;

function byRelease(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;
}

/** As the formatter writes it. */
function table(head: readonly string[], rows: readonly string[][]): string {
  const widths = head.map((cell, at) => Math.max(3, cell.length, ...rows.map((row) => row[at]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at]!)).join(' | ')} |\n`;
  return [
    line(head),
    `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |\n`,
    ...rows.map(line),
  ].join('');
}
