import { describe, expect, it } from 'vitest';
import { ubuntuDefinition } from '../../../src/distros/ubuntu/definition.ts';
import { Places } from '../../../src/distros/ubuntu/place.ts';
import { parseTracker, priorityOf } from '../../../src/distros/ubuntu/tracker.ts';
import { trackerFacts } from '../../../src/distros/ubuntu/tracker-facts.ts';
import { Ledger } from '../../../src/model/feed/index.ts';
import { findingCounts } from '../../support/sources.ts';
import { unreadCounts } from '../../support/unread.ts';

const text = `Candidate: CVE-2017-9996
PublicDate: 2017-06-28 06:29:00 UTC
References:
 https://example.test/released_note: needed
Description:
 A decoder takes a format that it
 cannot decode.
Notes:
 someone> bionic_ffmpeg: needed
Priority: medium
 Only reached by files of a rare format
Priority_ffmpeg: low
Priority_ffmpeg_xenial: negligible
Discovered-by:
CVSS:
 nvd: CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:U/C:N/I:N/A:H

#Patches_PKG:
#upstream_PKG: needed
Patches_ffmpeg:
upstream_ffmpeg: released (7:3.2.5-1)
xenial_ffmpeg: needed
bionic_ffmpeg : not-affected (7:3.2.6-1)
esm-infra-legacy/trusty_ffmpeg:
fips-updates/focal_openssl: released (1.1.1f-1ubuntu2.fips.16)
-- Tags_xen: universe-binary
Tags_libav: not-ue
Patches_libav:
trusty/esm_libav: DNE
`;

describe('a file of the tracker', () => {
  const record = parseTracker(text, 'active', 'CVE-2017-9996');

  it('gives its rows as written; prose and comments are none', () => {
    expect(record.rows).toEqual([
      { release: 'upstream', package: 'ffmpeg', status: 'released (7:3.2.5-1)' },
      { release: 'xenial', package: 'ffmpeg', status: 'needed' },
      { release: 'bionic', package: 'ffmpeg', status: 'not-affected (7:3.2.6-1)' },
      { release: 'esm-infra-legacy/trusty', package: 'ffmpeg', status: '' },
      { release: 'fips-updates/focal', package: 'openssl', status: 'released (1.1.1f-1ubuntu2.fips.16)' },
      { release: 'trusty/esm', package: 'libav', status: 'DNE' },
    ]);
  });

  it.each([
    ['xenial', 'ffmpeg', 'negligible'],
    ['bionic', 'ffmpeg', 'low'],
    ['trusty/esm', 'libav', 'medium'],
  ])('rates %s %s as %s: the release, then the package, then the record', (release, source, priority) => {
    expect(priorityOf(record, { release, package: source })).toBe(priority);
  });

  it('gives the reason of the priority, the day and the description', () => {
    expect(record).toMatchObject({
      cve: 'CVE-2017-9996',
      folder: 'active',
      priorityReason: 'Only reached by files of a rare format',
      published: '2017-06-28T06:29:00Z',
      description: 'A decoder takes a format that it\ncannot decode.',
      rejected: false,
    });
  });

  it('finds the reason in the notes where older files have it (CVE-2024-3094)', () => {
    const notes =
      'Notes:\n someone> only in noble-proposed\n > Priority reason:\n  A door at the back of sshd\nPriority: critical\n';
    expect(parseTracker(notes, 'active', 'CVE-2024-3094').priorityReason).toBe('A door at the back of sshd');
  });

  it('knows a rejected CVE', () => {
    const rejected = 'Description:\n ** REJECT ** DO NOT USE THIS CANDIDATE NUMBER.\n';
    expect(parseTracker(rejected, 'retired', 'CVE-2020-1000').rejected).toBe(true);
  });

  it.each(['', '\n\n', ':\n_: \n', 'a_b', '\0\0\0', 'x'.repeat(100_000)])('takes any text: %j', (any) => {
    expect(parseTracker(any, 'active', 'CVE-2020-1').rows).toEqual([]);
  });
});

describe('a row under a release with capitals', () => {
  it.each(['Jammy', 'JAMMY', 'Esm-infra/Jammy'])('%s leaves no clean result for its package', (release) => {
    const rows = `${release}_openssl: needed\njammy_curl: needed\nPatches_zlib:\nTags_zlib: x\nPriority_zlib: low\n`;
    const ledger = new Ledger('ubuntu');
    const record = parseTracker(`Candidate: CVE-2024-1000\n${rows}`, 'active', 'CVE-2024-1000');
    const { rows: facts } = trackerFacts(record, new Places(ubuntuDefinition), ledger);
    expect(facts.map(({ package: name }) => name)).toEqual(['curl']);
    expect(findingCounts(ledger)).toEqual({ '-release_misspelt': 1 });
    expect(unreadCounts(ledger, 'ubuntu-22.04')).toEqual([['openssl', 1]]);
  });
});
