import { describe, expect, it } from 'vitest';
import { detailsOf } from '../../../src/sources/csaf/details.ts';
import { dayOrNone } from '../../../src/sources/fields.ts';

const vector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H';

describe('details that the schemas of a feed do not allow are left out', () => {
  it.each([
    ['a score below 0', { version: '3.1', vectorString: vector, baseScore: -1 }],
    ['a score above 10', { version: '3.1', vectorString: vector, baseScore: 1e308 }],
    ['an empty vector', { version: '3.1', vectorString: '', baseScore: 7.5 }],
    ['an empty version', { version: '', vectorString: vector, baseScore: 7.5 }],
  ])('%s', (_, cvss_v3) => {
    expect(detailsOf('CVE-2024-1000', { scores: [{ cvss_v3 }] }, {})).toEqual({ id: 'CVE-2024-1000' });
  });

  it("the day of the document is not the vulnerability's", () => {
    const title = 'curl';
    const header = { title, published: '2026-11-24T00:00:00Z' };
    expect(detailsOf('CVE-2023-38545', {}, header)).toEqual({ id: 'CVE-2023-38545', title });
  });

  it('a date that is no day', () => {
    const stated = ['2024-05-01T10:00:00+00:00', '2024-05-01', '2024-05-011', '../../etc/passwd', '', null];
    expect(stated.map(dayOrNone)).toEqual(['2024-05-01', '2024-05-01', ...Array(4).fill(undefined)]);
  });
});
