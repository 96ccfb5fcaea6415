import { expect, it } from 'vitest';
import { keepSigned } from '../../../../src/fleet/store/images.ts';
import { debianRelease, rootWith, stanza } from '../../../support/cli.ts';
import { addImages, heldStore, night } from '../../../support/fleet.ts';
import { openPageServer } from '../../../support/page-server.ts';
import { bookworm, writeSmallFeed } from '../../../support/small-feed.ts';

const id = 'CVE-2026-0001';
const feed = writeSmallFeed([
  {
    platform: bookworm,
    statements: [{ vulnerability: id, package: 'zlib', status: 'affected', fixState: 'none_yet' }],
  },
]);
const root = rootWith({
  'etc/os-release': debianRelease('12', 'bookworm'),
  'var/lib/dpkg/status': stanza('zlib', '1'),
});

/** Pages with a table that names images, and the table. */
const listing = [
  ['/images', 'images'],
  [`/vulnerabilities/${id}`, 'images'],
  ['/search?q=scapfeed', 'images'],
] as const;

it('pages have a column of signatures where a policy asked for them, and CSV and JSON always', async () => {
  await using store = await heldStore();
  await addImages(store, [`dir:${root}`]);
  await night(store, feed);
  const now = new Date();
  const shown = async () => {
    const server = await openPageServer(store, () => now);
    const ask = async (url: string, accept: string) =>
      (await server.app.inject({ url, headers: { accept } })).body;
    try {
      const found = [];
      for (const [url, table] of listing) {
        const page = await ask(url, 'text/html');
        const data = `${url}${url.includes('?') ? '&' : '?'}table=${table}&format=`;
        const [head = '', row] = (await ask(`${data}csv`, 'text/csv')).split('\r\n');
        expect(row, url).toContain(`dir:${root}`);
        expect(head.split(','), url).toContain('signed');
        const { rows } = JSON.parse(await ask(`${data}json`, 'application/json')) as { rows: object[] };
        expect(rows[0], url).toHaveProperty('signed');
        expect(page.replaceAll(/<[^>]*>/g, ''), url).toContain(`dir:${root}`);
        found.push(/<th[^>]*>(?:<[^>]*>)*Signature/.test(page));
      }
      return found;
    } finally {
      await server.close();
    }
  };
  try {
    expect(await shown()).toEqual([false, false, false]);
    const [image] = await store.query<{ id: number }>('SELECT id FROM fleet.images');
    await keepSigned(store, image!.id, {
      verdict: 'unsigned',
      asked: ['x'],
      subjects: [],
      signatures: [],
    });
    expect(await shown()).toEqual([true, true, true]);
  } finally {
  }
});
