import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mergeDetails } from '../../../src/feed/compile/collector.ts';
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

it('of two lists the one with the smaller JSON is kept, whatever their order', () => {
  const list = fc.array(
    fc.oneof(fc.constantFrom('a', 'ab', 'a"', 'a,', '!'), fc.integer({ max: 12, min: 0 })),
    {
      maxLength: 3,
    },
  );
  fc.assert(
    fc.property(list, list, (a, b) => {
      const [one, other] = [JSON.stringify(a), JSON.stringify(b)];
      const { references } = mergeDetails({ references: a }, { references: b });
      expect(JSON.stringify(references)).toBe([one, other].sort()[0]);
    }),
  );
});

it('a long list of names is compared with a short one in the time of the short one', () => {
  const aliases = Array.from({ length: 20_000 }, (_, at) => `ALPINE-${String(at).padStart(30, '0')}`);
  const collector = collected('wolfi', { aliases });
  for (let at = 0; at < 50_000; at++) collector.vulnerability({ id, aliases: [`GHSA-${at}`] });
  expect(collector.vulnerabilities.get(id)!.aliases).toHaveLength(20_000);
});
