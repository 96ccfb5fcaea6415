import { describe, expect, it } from 'vitest';
import { debianRelease, rootWith, scapfeed, stanza } from '../../support/cli.ts';
import { bookworm, writeSmallFeed } from '../../support/small-feed.ts';

const vector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';
const rows = [
  ['CVE-2024-1', 'low', true],
  ['CVE-2024-2', 'medium', true],
  ['CVE-2024-3', 'unknown', false],
  ['CVE-2024-4', 'high', false],
] as const;

const feed = writeSmallFeed([
  {
    platform: bookworm,
    statements: rows.map(([vulnerability, severity]) => ({
      vulnerability,
      package: 'bash',
      status: 'affected',
      fixState: 'none_yet',
      severity,
    })),
    vulnerabilities: rows.map(([id, , isScored]) => ({
      id,
      ...(isScored ? { cvss: [{ version: '3.1', score: 9.8, vector }] } : {}),
    })),
  },
]);
const image = rootWith({
  'etc/os-release': debianRelease('12', 'bookworm'),
  'var/lib/dpkg/status': stanza('bash', '5.2.15-2'),
});

interface Rating {
  severity?: string;
  method?: string;
  source: { name: string };
}

describe('ratings of CycloneDX', () => {
  const { vulnerabilities } = JSON.parse(
    scapfeed(['scan', `dir:${image}`, '--feed', feed, '--max-age', '0', '-o', 'cyclonedx']).out,
  ) as { vulnerabilities: { id: string; ratings: Rating[] }[] };

  it('have a severity each: scores of the vendor have its word', () => {
    expect(
      vulnerabilities.map(({ id, ratings }) => [id, ...ratings.map(({ severity }) => severity)]).sort(),
    ).toEqual([
      ['CVE-2024-1', 'low', 'low'],
      ['CVE-2024-2', 'medium', 'medium'],
      ['CVE-2024-3', 'unknown'],
      ['CVE-2024-4', 'high'],
    ]);
  });

  it('give what the scan decided to a reader of the first rating, and to one of the last CVSS 3 rating', () => {
    const { verdicts } = JSON.parse(
      scapfeed(['scan', `dir:${image}`, '--feed', feed, '--max-age', '0', '-o', 'json']).out,
    ) as { verdicts: { vulnerability: string; severity: string }[] };
    for (const { id, ratings } of vulnerabilities) {
      const decided = verdicts.find(({ vulnerability }) => vulnerability === id)!.severity;
      const last = ratings.findLast(({ method }) => /^CVSSv3/.test(method ?? '')) ?? ratings[0];
      expect([ratings[0]?.severity, last?.severity], id).toEqual([decided, decided]);
    }
  });
});

describe('DefectDojo', () => {
  const scan = (format: string) =>
    JSON.parse(scapfeed(['scan', `dir:${image}`, '--feed', feed, '--max-age', '0', '-o', format]).out);
  const capital = (word: string) =>
    /^(unknown|none)$/i.test(word) ? 'Info' : word[0]!.toUpperCase() + word.slice(1);

  /** As its parsers of these formats read them. */
  const parsers: Record<string, () => [string, string][]> = {
    sarif() {
      const [run] = scan('sarif').runs;
      const levels: Record<string, string> = { note: 'Info', warning: 'Medium', error: 'High' };
      return run.results.map(({ ruleId, level }: { ruleId: string; level: string }) => {
        const { properties } = run.tool.driver.rules.find(({ id }: { id: string }) => id === ruleId);
        const number = properties['security-severity'];
        if (number === undefined) return [ruleId, levels[level]];
        const band = (
          [
            [9, 'Critical'],
            [7, 'High'],
            [4, 'Medium'],
          ] as const
        ).find(([least]) => number >= least);
        return [ruleId, band?.[1] ?? 'Low'];
      });
    },
    gitlab: () =>
      scan('gitlab').vulnerabilities.map(
        ({ identifiers, severity }: { identifiers: { value: string }[]; severity: string }) => [
          identifiers[0]!.value,
          capital(severity),
        ],
      ),
    cyclonedx: () =>
      scan('cyclonedx').vulnerabilities.map(({ id, ratings }: { id: string; ratings: Rating[] }) => {
        const last = ratings.findLast(({ method }) => /^CVSSv3/.test(method ?? '')) ?? ratings[0]!;
        return [id, capital(last.severity!)];
      }),
  };

  it.each(Object.keys(parsers))(
    'reads the same severities from %s, Info where nobody has rated',
    (format) => {
      expect(parsers[format]!().sort()).toEqual([
        ['CVE-2024-1', 'Low'],
        ['CVE-2024-2', 'Medium'],
        ['CVE-2024-3', 'Info'],
        ['CVE-2024-4', 'High'],
      ]);
    },
  );
});

it('CSV has a score of those sources alone that may decide the severity', () => {
  const scores = (order: string) => {
    const { out } = scapfeed([
      ...['scan', `dir:${image}`, '--feed', feed, '--max-age', '0', '-o', 'csv', '--severity-from', order],
    ]);
    return out
      .split('\r\n')
      .slice(1, -1)
      .map((line) => line.split(',')[2])
      .sort();
  };
  expect(scores('vendor')).toEqual(['', '', '9.8', '9.8']);
  expect(scores('nvd')).toEqual(['', '', '', '']);
});
