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
