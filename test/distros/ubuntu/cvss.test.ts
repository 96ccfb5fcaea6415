import { expect, it } from 'vitest';
import { cvss3 } from '../../../src/sources/cvss3.ts';

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
  '',
])('%j is not scored', (vector) => {
  expect(cvss3(vector)).toBeUndefined();
});
