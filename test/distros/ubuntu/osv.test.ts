import { describe, expect, it } from 'vitest';
import { ubuntuDefinition } from '../../../src/distros/ubuntu/definition.ts';
import { parseOsv, subjectsIn } from '../../../src/distros/ubuntu/osv.ts';
import { Places } from '../../../src/distros/ubuntu/place.ts';

const places = new Places(ubuntuDefinition);

function record(fields: object): string {
  return JSON.stringify({ schema_version: '1.7.0', id: 'UBUNTU-CVE-2024-0001', affected: [], ...fields });
}

function entry(fields: object = {}): object {
  return {
    package: {
      ecosystem: 'Ubuntu:22.04:LTS',
      name: 'demo',
      purl: 'pkg:deb/ubuntu/demo@9.9-9?arch=source&distro=jammy',
    },
    ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }] }],
    ...fields,
  };
}

describe('the CVE of a record', () => {
  it.each([
    [
      'upstream, since schema 1.7',
      { upstream: ['CVE-2014-0021'], id: 'UBUNTU-CVE-2014-0021' },
      'CVE-2014-0021',
    ],
    ['related, in 2024', { id: 'UBUNTU-CVE-2022-3219', related: ['CVE-2022-3219'] }, 'CVE-2022-3219'],
    ['the id alone', { id: 'CVE-2024-2236' }, 'CVE-2024-2236'],
    ['none of a notice', { id: 'USN-5391-1', upstream: ['UBUNTU-CVE-2021-36084'] }, undefined],
  ])('%s', (_, fields, cve) => {
    expect(parseOsv(record(fields), places).cve).toBe(cve);
  });

  it('of a notice: every CVE once, in either spelling', () => {
    const fields = {
      id: 'USN-7095-1',
      related: ['CVE-2023-52887', 'UBUNTU-CVE-2023-52887', 'CVE-2023-52888'],
    };
    expect(parseOsv(record(fields), places).noticeCves).toEqual(['CVE-2023-52887', 'CVE-2023-52888']);
  });
});

describe('an affected entry', () => {
  const read = (fields: object) => parseOsv(record({ affected: [entry(fields)] }), places).affected[0]!;

  it('without a fixed event has no fix, whatever version purl and binaries carry', () => {
    const specific = { binaries: [{ binary_name: 'demo', binary_version: '9.9-9' }] };
    expect(read({ ecosystem_specific: specific }).fixed).toBeUndefined();
  });

  it('takes its fix from the event, its priority and reason from the entry', () => {
    const ranges = [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1.0-1ubuntu0.1' }] }];
    const ecosystem_specific = { ubuntu_priority: 'low', priority_reason: 'Local only' };
    expect(read({ ranges, ecosystem_specific })).toMatchObject({
      fixed: '1.0-1ubuntu0.1',
      oddRange: false,
      priority: 'low',
      priorityReason: 'Local only',
    });
  });

  it.each([
    ['a later beginning', [{ introduced: '1.0' }]],
    ['two fixes', [{ introduced: '0' }, { fixed: '1.0' }, { fixed: '2.0' }]],
    ['a last affected version', [{ introduced: '0' }, { last_affected: '1.0' }]],
  ])('with %s has a range that is not understood', (_, events) => {
    expect(read({ ranges: [{ type: 'ECOSYSTEM', events }] }).oddRange).toBe(true);
  });

  it.each([
    ['pkg:deb/ubuntu/gnupg@1.4.16-1ubuntu2?arch=source&distro=trusty/esm', 'esm-infra'],
    // CVE-2022-3219 in 2024: a second question mark.
    ['pkg:deb/ubuntu/gnupg?arch=src?distro=trusty/esm', 'esm-infra'],
    ['pkg:deb/ubuntu/gnupg?arch=source&distro=esm-apps%2Ftrusty', 'esm-apps'],
  ])('in %s', (purl, channel) => {
    const place = read({ package: { ecosystem: 'Ubuntu:Pro:14.04:LTS', name: 'gnupg', purl } }).place;
    expect(place).toMatchObject({ platform: 'ubuntu-14.04', channel });
  });
});

describe('a document that is no record', () => {
  it.each([
    ['no JSON', '{', 'SOURCE_NOT_JSON'],
    ['no object', '[]', 'SOURCE_MALFORMED'],
    ['null', 'null', 'SOURCE_MALFORMED'],
    ['no id', '{"affected":[]}', 'SOURCE_MALFORMED'],
    ['affected that is no list', record({ affected: {} }), 'SOURCE_MALFORMED'],
    ['more entries than the bound', record({ affected: Array(20_001).fill(entry()) }), 'SOURCE_MALFORMED'],
  ])('%s', (_, text, code) => {
    expect(() => parseOsv(text, places)).toThrow(expect.objectContaining({ code }));
  });
});

it.each([
  ['without package', {}, '/affected/1/package'],
  ['null', null, '/affected/1'],
  ['of a list', [], '/affected/1'],
  [
    'with events that are no list',
    entry({ ranges: [{ type: 'ECOSYSTEM', events: {} }] }),
    '/affected/1/ranges/events',
  ],
  [
    'with a number for its fix',
    entry({ ranges: [{ type: 'ECOSYSTEM', events: [{ fixed: 1 }] }] }),
    '/affected/1/ranges/events/fixed',
  ],
  [
    'with a purl that cannot be decoded',
    entry({
      package: { ecosystem: 'Ubuntu:22.04:LTS', name: 'demo', purl: 'pkg:deb/ubuntu/demo?distro=%E0' },
    }),
    '/affected/1',
  ],
])('an entry %s is told with its place, the others are read', (_, odd, where) => {
  const { affected, broken } = parseOsv(record({ affected: [entry(), odd, entry()] }), places);
  expect(affected).toHaveLength(2);
  expect(broken).toMatchObject([{ code: 'SOURCE_MALFORMED', where }]);
});

it('entries that cannot be read tell what they are about, as far as that can be read', () => {
  const odd = entry({ ranges: 'none' });
  const elsewhere = entry({ package: { ecosystem: 'Ubuntu:99.04', name: 'demo' } });
  const subjects = subjectsIn(
    record({
      affected: [
        ...[odd, elsewhere, 'x', entry({ package: { name: 5 } })],
        entry({ package: { ecosystem: 'Ubuntu:22.04:LTS', name: 5 } }),
        entry({ package: { name: 'demo' } }),
      ],
    }),
    places,
  );
  expect(subjects).toEqual([
    { platforms: ['ubuntu-22.04'], package: 'demo' },
    undefined,
    {},
    {},
    { platforms: ['ubuntu-22.04'] },
    { package: 'demo' },
  ]);
  expect(subjectsIn('{"id": ', places)).toEqual([{}]);
});

it.each([
  ['Rejected reason: this id was given in error', true],
  ['** REJECT ** DO NOT USE', true],
  ['The rejected patch was wrong', false],
])('%s: rejected %s', (details, rejected) => {
  expect(parseOsv(record({ details }), places).rejected).toBe(rejected);
});
