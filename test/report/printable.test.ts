import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InstalledPackage, Inventory } from '../../src/model/inventory/index.ts';
import type { ScanResult, Verification } from '../../src/model/verdict/index.ts';
import { buildSummary } from '../../src/report/build-summary.ts';
import { explainedText } from '../../src/report/explanation.ts';
import { inventoryTable } from '../../src/report/inventory-table.ts';
import { line, printable } from '../../src/report/printable.ts';
import { scanTable } from '../../src/report/scan/table.ts';
import { textTable } from '../../src/report/text-table.ts';
import { validationText } from '../../src/report/validation-text.ts';
import { verificationTable } from '../../src/report/verify/table.ts';

/** Judged apart from the code: what a terminal acts on, and what changes the direction of text, by Unicode's own classes. */
const steers = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
const commands = /^\s*::|##\[|##vso\[|##teamcity\[/i;

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc
    .array(
      fc.constantFrom(
        '\x1b[2J',
        '\x1b]0;t\x07',
        '\r',
        '\n',
        '\u009b31m',
        '\u202e',
        '\u2066',
        '\u2028',
        '\u200f',
        '\u061c',
        '::error::',
        ' ::',
        '##[error]',
        '##vso[',
        '##VSO[',
        '##teamcity[',
        'teamcity[',
        ':',
        '#',
        '[',
        '\t',
        '\b',
        'a',
        ' ',
        '\u0085',
        '\0',
        '\x7f',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join('')),
);

/** Of every report: its lines steer nothing, and strangers' text makes no more of them. */
function expectTame(text: string, lines?: number): void {
  const all = text.split('\n');
  expect(all.filter((each) => steers.test(each) || commands.test(each))).toEqual([]);
  if (lines !== undefined) expect(all).toHaveLength(lines);
}

const packageOf = (text: string): InstalledPackage => ({
  type: 'rpm',
  name: text,
  version: text,
  arch: text,
  source: { name: text, version: text },
  database: text,
  module: text,
  layer: 0,
});

const layer = (text: string) => ({ createdBy: text });

describe('whatever names, versions and notes hold', () => {
  it('a line stays one line and steers nothing', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expectTame(line(text), 2);
        expect(printable(printable(text))).toBe(printable(text));
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it('plain text, of any script, is as it was', () => {
    for (const text of ['libssl3 3.0.7-1', 'Žluťoučký', '日本語', 'a:b::c', '#1 ##', 'é 🎉'])
      expect(printable(text)).toBe(text);
  });

  it('a table has a line a row', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(hostile, hostile, hostile), { maxLength: 5 }), (rows) =>
        expectTame(textTable(['A', 'B', 'C'], rows), rows.length + 2),
      ),
      { seed: 2, numRuns: 500 },
    );
  });

  it('scan, with and without flaws', () => {
    const lines = new Set<number>();
    fc.assert(
      fc.property(hostile, (text) => {
        const out = scanTable(scanResult(text), scanResult(text).verdicts, {
          color: false,
          all: true,
          ignored: true,
          filtered: [],
        });
        expectTame(out);
        // Lines below a row begin with a margin; their number may differ.
        lines.add(out.replace(/^(VULNERABILITY.*\n.*\n)(?: {15}.*\n)+$/m, '$1').split('\n').length);
      }),
      { seed: 3, numRuns: 500 },
    );
    expect(lines.size).toBe(1);
  });

  it('inventory', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const found: Inventory = {
          os: { id: text, found: text, prettyName: text },
          databases: [{ path: text, kind: 'dpkg', packages: 1 }],
          packages: [packageOf(text)],
          notes: [{ code: 'database_unreadable', where: text, detail: text }],
        } as unknown as Inventory;
        expectTame(inventoryTable(text, found, [layer(text), layer(text)]), 9);
      }),
      { seed: 4, numRuns: 500 },
    );
  });

  it('verify, explain, validate and the summary of a build', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expectTame(verificationTable(verification(text), { color: false, all: true }));
        expectTame(verificationTable(verification(text), { color: false, all: false }));
        const [verdict] = scanResult(text).verdicts;
        const { feed, uncovered } = scanResult(text);
        expectTame(
          explainedText({
            tool: text,
            feed,
            image: { reference: text },
            platform: { id: text, name: text, updated: text },
            vulnerability: text,
            name: text,
            known: true,
            severityFrom: ['vendor', 'nvd'],
            assessments: [{ id: 'epss', name: text, updated: text }],
            gaps: [{ code: 'unread_context', where: text, detail: text }],
            uncovered,
            elsewhere: [{ platform: text, claim: text, why: text }],
            verdicts: [
              {
                verdict: verdict!,
                ratings: [
                  { source: 'nvd', severity: 'high', version: '3.1', score: 7.5, vector: text, date: text },
                ],
                assessment: {
                  id: text,
                  ratings: [],
                  ssvc: { exploitation: 'poc', automatable: 'no', impact: 'total', date: text },
                },
                links: [text],
                advisories: [{ id: text, date: text }],
                layer: text,
                vulnerability: { id: text, description: text },
                record: { place: text, sha256: text, pointer: text, text },
              },
            ],
          }),
        );
        const problem = { rule: text, level: 'error', line: 1, id: text, message: text, remedy: text };
        expectTame(
          validationText({
            path: text,
            kind: text,
            bytes: 1,
            schemas: [text],
            valid: false,
            problems: [problem],
            counts: [{ rule: text, level: 'error', count: 1 }],
          }),
        );
        const finding = { reason: text, dropped: true, count: 1, examples: [{ where: text, detail: text }] };
        expectTame(
          buildSummary(
            text,
            {
              created: text,
              platforms: [{ id: text, updated: text, packages: 1, statements: 1 }],
              sources: [{ name: text, records: 1, used: 0, dropped: 1, findings: [finding] }],
            } as never,
            [],
            [{ source: text, code: text, instead: 'last_good', dataOf: text }],
          ),
        );
      }),
      { seed: 5, numRuns: 500 },
    );
  });
});

// A table that compared each package with each took 188 s for 20,000 of them, ten times the time that a test has.
it('a table of one source with 40,000 packages is there in time', () => {
  const base = scanResult('a');
  const verdicts = Array.from({ length: 40_000 }, (_, at) => ({
    ...base.verdicts[0]!,
    package: { ...packageOf('a'), name: `p${at}` },
  }));

  const table = scanTable({ ...base, verdicts }, verdicts, {
    color: false,
    all: true,
    ignored: true,
    filtered: [],
  });

  expect(table).toContain('(p0, p1, p2, p3, p4, p5, p6 +39993)');
});

function scanResult(text: string): ScanResult {
  return {
    tool: text,
    feed: { directory: text, created: text, chosen: 'option', signed: false },
    platform: { id: text, name: text, updated: text, ageDays: 1, phase: 'end_of_life', marks: [text] },
    image: { reference: text, layers: [] },
    inventory: {
      os: { id: text, found: text, prettyName: text },
      databases: [{ path: text, kind: 'rpm', packages: 1 }],
      notes: [{ code: 'database_unreadable', where: text, detail: `${text}.` }],
      packages: 1,
    } as unknown as ScanResult['inventory'],
    verdicts: [
      {
        vulnerability: text,
        platform: text,
        package: packageOf(text),
        status: 'affected',
        fixState: 'available',
        fixedVersion: text,
        reason: text,
        severity: 'high',
        advisories: [text],
        marks: [text],
        channel: text,
        evidence: text,
        exploited: { added: text, due: text },
      },
    ],
    severityFrom: ['vendor'],
    assessments: [{ id: 'epss', name: text, updated: text, ageDays: 15, stale: true, refused: text }],
    gaps: [],
    unrated: 0,
    judged: 1,
    unjudged: [{ ecosystem: text, packages: 2, layers: [0], places: [text] }],
    uncovered: [{ package: packageOf(text), reason: 'not_covered', detail: `${text}.` }],
  };
}

function verification(text: string): Verification {
  return {
    format: 'scapfeed/verification/1',
    tool: text,
    image: { reference: text, layers: [layer(text)] },
    inventory: {
      os: { prettyName: text },
      databases: [{ path: text }],
      packages: 1,
      notes: [{ code: 'database_unreadable', where: text, detail: text }],
    },
    counts: {
      files: 1,
      owned: 1,
      compared: 1,
      absent: { documentation: 1, config: 0, optional: 0, undescribed: 0 },
    },
    deviations: Array.from({ length: 30 }, () => ({
      kind: 'unowned',
      path: text,
      detail: text,
      executable: 'script',
      mode: text,
      packages: [text],
      layer: 0,
    })),
    allowed: {},
    privileged: [{ kind: 'setuid', path: text, mode: text, origin: 'packaged', packages: [text] }],
    unverified: [{ reason: 'no_digest', files: 1, packages: [text] }],
    uncovered: [packageOf(text)],
  } as unknown as Verification;
}
