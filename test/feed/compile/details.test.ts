import { expect, it } from 'vitest';
import { joinDetails } from '../../../src/feed/compile/details.ts';
import { Collector } from '../../../src/feed/compile/index.ts';
import type { Vulnerability } from '../../../src/model/feed/index.ts';

const id = 'CVE-2024-0001';

function collected(source: string, details: Partial<Vulnerability>): Collector {
  const collector = new Collector(source);
  const platform = `${source}-1`;
  collector.platform(
    { id: platform, name: platform, aliases: [], os: { id: source }, packaging: 'deb', life: [] },
    { inputs: [] },
  );
  collector.statement({
    vulnerability: id,
    platform,
    package: 'a',
    status: 'affected',
    fixState: 'none_yet',
    severity: 'unknown',
    evidence: 'x#/',
  });
  collector.vulnerability({ id, ...details });
  return collector;
}

const score = (version: string, points: number) => ({ version, score: points, vector: `CVSS:${version}/X` });

it("every vendor's scores of one vulnerability are kept, each with the vendor's name", () => {
  const joined = [
    collected('redhat', { title: 'of Red Hat', cvss: [score('3.1', 5), score('2.0', 4)] }),
    collected('ubuntu', { description: 'of Ubuntu', cvss: [score('3.1', 7.5)] }),
    collected('debian', {}),
  ];
  const expected = {
    id,
    title: 'of Red Hat',
    description: 'of Ubuntu',
    cvss: [
      { ...score('3.1', 5), source: 'redhat' },
      { ...score('3.1', 7.5), source: 'ubuntu' },
      { ...score('2.0', 4), source: 'redhat' },
    ],
  };

  expect(joinDetails(joined).vulnerabilities.get(id)).toEqual(expected);
  expect(joinDetails(joined.toReversed()).vulnerabilities.get(id)).toEqual(expected);
});
