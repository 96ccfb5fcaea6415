import { describe, expect, it } from 'vitest';
import {
  cvssSeverity,
  decideSeverity,
  type Rating,
  type RatingSource,
  ratingSources,
  type Severity,
  sortRatings,
  type VendorRating,
} from '../../../src/model/feed/index.ts';
import { riskOf } from '../../../src/model/verdict/index.ts';
import { tableOf } from '../../support/doc-table.ts';

const document = 'docs/severity.md';

describe('severity: a row of the table in docs/severity.md', () => {
  it.each(tableOf(document, 'rule'))('$rule', (row) => {
    const cell = (name: string) => row[name] ?? '';
    const ratings = (['nvd', 'cisa', 'cna'] as const).flatMap((source) =>
      scores(cell(source)).map((score): Rating => ({ source, ...score })),
    );
    const rejected = cell('cna') === 'rejected';
    const order = cell('--severity-from');

    const decision = decideSeverity(
      { ...vendorOf(cell('vendor')), ...(cell('ghsa') !== '' && { ghsaSeverity: cell('ghsa') as Severity }) },
      { ratings: sortRatings(ratings), ...(rejected && { rejected }) },
      order === '' ? ratingSources : (order.split(',') as RatingSource[]),
    );

    expect(decision.severity).toBe(cell('severity'));
    expect(decision.source ?? '').toBe(cell('source'));
  });

  it('has a row that each source decides, and one for each word of --severity-from', () => {
    const rows = tableOf(document, 'rule');
    expect(new Set(rows.map(({ source }) => source))).toEqual(new Set([...ratingSources, '']));
  });
});

describe('the scale of each version of CVSS', () => {
  it.each(tableOf(document, 'CVSS'))('$CVSS', ({ CVSS: versions = '', ...words }) => {
    for (const version of versions.split(', ')) {
      for (let tenths = 0; tenths <= 100; tenths++) {
        const score = tenths / 10;
        const named = Object.entries(words).filter(([, range]) => isIn(range, score));
        expect([[cvssSeverity({ version, score })], version, score]).toEqual([
          named.map(([word]) => word),
          version,
          score,
        ]);
      }
    }
  });
});

describe('risk: a row of the table in docs/severity.md', () => {
  it.each(tableOf(document, 'severity'))('$severity $score, in KEV: $in KEV, EPSS $EPSS', (row) => {
    const { score = '', 'in KEV': known, EPSS: probability = '' } = row;
    const risk = riskOf(
      {
        severity: row['severity'] as Severity,
        ...(score !== '' && { cvss: { version: '3.1', score: Number(score), vector: '' } }),
      },
      {
        ...(known !== '' && {
          exploited: { added: '2024-01-01', ...(known === 'ransomware' && { ransomware: true }) },
        }),
        ...(probability !== '' && { epss: { probability: Number(probability), percentile: 0.999 } }),
      },
    );

    expect(risk === undefined ? '' : String(risk)).toBe(row['risk']);
  });
});

/** `medium, 9.8 (3.1)`: a word, scores, both or neither. */
function vendorOf(cell: string): VendorRating {
  const word = cell.split(',')[0]!;
  const cvss = scores(cell);
  return {
    severity:
      word === 'unimportant'
        ? 'negligible'
        : /^(low|medium|high)$/.test(word)
          ? (word as Severity)
          : 'unknown',
    ...(word === 'unimportant' && { suppressed: word }),
    ...(cvss.length > 0 && { cvss }),
  };
}

function scores(cell: string): Omit<Rating, 'source'>[] {
  return [...cell.matchAll(/(\d+\.\d) \((\d\.\d)\)/g)].map(([, score, version]) => ({
    version: version as Rating['version'],
    score: Number(score),
    vector: '',
  }));
}

function isIn(range: string, score: number): boolean {
  const [from, to = from] = range.split(' - ').map(Number);
  return from !== undefined && score >= from && score <= to!;
}
