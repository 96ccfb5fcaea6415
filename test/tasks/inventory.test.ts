import { afterAll, describe, expect, it } from 'vitest';
import { openImage, readInventory } from '../../src/library/index.ts';
import { plainView } from '../../src/report/writers.ts';
import { inventoryReports } from '../../src/tasks/inventory/formats.ts';
import { debianRelease, rootWith, stanza } from '../support/cli.ts';

const root = rootWith({
  'etc/os-release': debianRelease('12', 'bookworm'),
  'var/lib/dpkg/status': stanza('curl', '7') + stanza('zlib', '1'),
});
const image = await openImage(`dir:${root}`);
const found = {
  name: 'image',
  image,
  inventory: readInventory(image),
  platform: 'debian-12',
  date: '2026-02-01T00:00:00Z',
};
afterAll(() => image.close());

const { formats } = inventoryReports;
const place = { target: 'image', name: 'image', at: 0, count: 2, view: plainView };

describe('the formats of an inventory', () => {
  it.each(['table', 'json'] as const)('%s has each of several images as it is alone', async (name) => {
    const several = await formats[name].several!();
    expect([...several.part(found, place)].join('')).toBe(await formats[name].one(found, plainView));
  });

  it('describe one system, if a reader takes their packages for those of one', () => {
    const apart = Object.entries(formats).filter(([, { several }]) => several === undefined);
    expect(apart.map(([name]) => name)).toEqual(['cyclonedx', 'cyclonedx-1.7', 'spdx', 'manifest']);
  });
});
