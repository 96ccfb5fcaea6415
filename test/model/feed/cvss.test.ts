import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cvss3, cvssScore, hasBaseMetricsAlone } from '../../../src/model/feed/index.ts';
import { dataPath, hasData } from '../../support/data.ts';

// Scores as the NVD gives them for the named vulnerabilities.
it.each([
  ['CVE-2021-44228', 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H', 10],
  ['CVE-2014-0160', 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N', 7.5],
  ['CVE-2016-2781', 'CVSS:3.0/AV:L/AC:L/PR:L/UI:N/S:C/C:N/I:H/A:N', 6.5],
  ['CVE-2022-36879', 'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:H', 5.5],
  ['CVE-2022-3219', 'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:L', 3.3],
  ['CVE-2014-9913', 'CVSS:3.0/AV:L/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L', 4],
  ['no impact', 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N', 0],
])('%s %s: %d', (_, vector, score) => {
  expect(cvss3(vector)).toEqual({ version: vector.slice(5, 8), score, vector });
});

it.each([
  'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N',
  'CVSS:3.1/AV:N',
  'AV:N/AC:L/Au:N/C:P/I:P/A:P',
  // Without scope, with one metric twice, with an unknown value.
  'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/C:H/I:H/A:H',
  'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/C:H/I:H/A:H',
  'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:X/C:H/I:H/A:H',
  '',
])('%j is not scored', (vector) => {
  expect(cvss3(vector)).toBeUndefined();
});

// Of version 2.0 as NVD gives them.
it.each([
  ['CVE-2014-0160', 'AV:N/AC:L/Au:N/C:P/I:N/A:N', 5],
  ['CVE-2008-4250', 'CVSS:2.0/AV:N/AC:L/Au:N/C:C/I:C/A:C', 10],
  ['CVE-2010-5298', '(AV:N/AC:H/Au:N/C:N/I:P/A:P)', 4],
  ['no impact', 'AV:N/AC:L/Au:N/C:N/I:N/A:N', 0],
  ['all of the worst', 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H', 10],
  [
    'metrics of threats besides, which change no base score',
    'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U',
    9.3,
  ],
  ['no impact', 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N', 0],
])('%s %s: %d', (_, vector, score) => {
  expect(cvssScore(vector)?.score).toBe(score);
});

it.each(['CVSS:4.0/AV:N', 'CVSS:5.0/AV:N/AC:L', 'AV:N/AC:L', 'AV:N/AV:L/AC:L/Au:N/C:P/I:N/A:N', '/', ''])(
  '%j is the vector of no version',
  (vector) => {
    expect(cvssScore(vector)).toBeUndefined();
  },
);

describe.skipIf(!hasData('interchange2', 'cvss'))('vectors with their scores, of a library for CVSS', () => {
  it.each([
    ['vectors_simple2', 729],
    ['vectors_simple4', 1058],
  ])('%s', (file, cases) => {
    const lines = readFileSync(dataPath('interchange2/cvss/tests', file), 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(cases);
    const stated = lines.map((line) => /^(\S+) - \(-?([\d.]+),/.exec(line)!.slice(1));
    expect(stated.filter(([vector, score]) => cvssScore(vector!)?.score !== Number(score))).toEqual([]);
  });

  it.each([
    ['vectors_simple3', 2592],
    ['vectors_simple31', 2592],
    ['vectors_cvsslib3', 29],
  ])('%s', (file, cases) => {
    const lines = readFileSync(dataPath('interchange2/cvss/tests', file), 'utf8').split('\n');
    const stated = lines.flatMap((line) => {
      const [, vector, score] = /^(\S+) - \(([\d.]+),/.exec(line) ?? [];
      return vector === undefined ? [] : [{ vector, score: Number(score) }];
    });
    expect(stated).toHaveLength(cases);
    expect(stated.filter(({ vector, score }) => cvss3(vector)?.score !== score)).toEqual([]);
    const others = stated.filter(({ vector }) => !hasBaseMetricsAlone(vector)).length;
    expect(others > 0).toBe(file === 'vectors_cvsslib3');
  });
});
