import { expect, it } from 'vitest';
import { ubuntuDefinition } from '../../../src/distros/ubuntu/definition.ts';
import {
  databaseNotices,
  NoticeTable,
  noticeAdvisory,
  osvNotice,
} from '../../../src/distros/ubuntu/notices.ts';
import { parseOsv } from '../../../src/distros/ubuntu/osv.ts';
import { Places } from '../../../src/distros/ubuntu/place.ts';

const places = new Places(ubuntuDefinition);

const database = {
  '763-1': {
    id: '763-1',
    title: 'xine-lib vulnerabilities',
    timestamp: 1239984000,
    cves: ['CVE-2009-0698', 'CVE-2009-1274', 'https://launchpad.net/bugs/1'],
    releases: {
      dapper: { sources: { 'xine-lib': { version: '1.1.1+ubuntu2-7.12', description: 'a {"player"}' } } },
    },
  },
  '7000-1': { summary: 'none at all' },
};

async function* pieces(text: string, size: number) {
  for (let at = 0; at < text.length; at += size) yield Buffer.from(text.slice(at, at + size));
}

async function notices(text: string, size = 7) {
  const found = [];
  for await (const notice of databaseNotices(pieces(text, size), 'usn')) found.push(notice);
  return found;
}

it('reads the database one notice at a time, wherever its bytes are cut', async () => {
  const expected = [
    {
      id: 'USN-763-1',
      title: 'xine-lib vulnerabilities',
      date: '2009-04-17',
      cves: ['CVE-2009-0698', 'CVE-2009-1274'],
      fixes: [{ codename: 'dapper', package: 'xine-lib', version: '1.1.1+ubuntu2-7.12' }],
    },
    { id: 'USN-7000-1', title: 'none at all', cves: [], fixes: [] },
  ];
  for (const size of [1, 7, 10_000]) {
    expect(await notices(JSON.stringify(database, undefined, 1), size)).toEqual(expected);
  }
});

it('refuses a database that ends early', async () => {
  await expect(notices(JSON.stringify(database).slice(0, -5))).rejects.toMatchObject({
    code: 'SOURCE_NOT_JSON',
  });
});

it('makes an advisory with its day and address', () => {
  expect(
    noticeAdvisory({ id: 'USN-763-1', title: 'xine-lib', date: '2009-04-17', cves: [], fixes: [] }),
  ).toEqual({
    id: 'USN-763-1',
    title: 'xine-lib',
    date: '2009-04-17',
    url: 'https://ubuntu.com/security/notices/USN-763-1',
  });
});

it('finds the notice of a fix whichever channel published it', () => {
  const record = parseOsv(
    JSON.stringify({
      id: 'USN-5391-1',
      summary: 'libsepol vulnerabilities',
      published: '2022-04-27T09:32:18.406221Z',
      upstream: ['UBUNTU-CVE-2021-36084'],
      affected: [
        {
          package: {
            ecosystem: 'Ubuntu:Pro:16.04:LTS',
            name: 'libsepol',
            purl: 'pkg:deb/ubuntu/libsepol@2.4-2ubuntu0.1~esm1?arch=source&distro=esm-infra/xenial',
          },
          ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '2.4-2ubuntu0.1~esm1' }] }],
        },
      ],
    }),
    places,
  );
  const table = new NoticeTable();
  table.add(osvNotice(record));
  expect(table.idsOf('CVE-2021-36084', 'xenial', 'libsepol', '2.4-2ubuntu0.1~esm1')).toEqual(['USN-5391-1']);
  expect(table.idsOf('CVE-2021-36084', 'xenial', 'libsepol', '2.4-2')).toEqual([]);
  expect(table.idsOf('CVE-2021-36084', 'bionic', 'libsepol', '2.4-2ubuntu0.1~esm1')).toEqual([]);
  expect(table.idsOf('CVE-2021-36085', 'xenial', 'libsepol', '2.4-2ubuntu0.1~esm1')).toEqual([]);
});

it('a notice that tells its CVEs apart by release fixed no other there (USN-5425-1)', () => {
  const table = new NoticeTable();
  const fix = (codename: string, ...cves: string[]) => ({ codename, package: 'pcre3', version: '1', cves });
  const cves = ['CVE-2019-20838', 'CVE-2020-14155'];
  table.add({ id: 'USN-5425-1', cves, fixes: [fix('trusty', cves[1]!), fix('bionic', ...cves)] });
  expect(table.idsOf(cves[0]!, 'bionic', 'pcre3', '1')).toEqual(['USN-5425-1']);
  expect(table.idsOf(cves[0]!, 'trusty', 'pcre3', '1')).toEqual([]);
});
