import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  comply,
  evalOval,
  explain,
  judge,
  openFeed,
  openImage,
  readInventory,
  readSbom,
  verifyFiles,
  writeReport,
} from '../../src/library/index.ts';
import { command, workshop } from './support/workshop.ts';

const now = new Date('2026-11-01');
let folder: string;
const at = (path: string) => join(folder, path);

beforeAll(() => {
  folder = workshop();
}, 120_000);

describe.each(['dir:image', 'dir:newer-image', 'oci:layout:1', 'sbom:sbom.json'])('%s', (reference) => {
  const place = () => reference.replace(':', `:${folder}/`);
  const run = (...args: string[]) => command(folder, args, [0, 1, 4]);
  const open = async () => {
    if (reference.startsWith('sbom:')) return readSbom(place().slice('sbom:'.length));
    const image = await openImage(place());
    return { image, inventory: readInventory(image) };
  };

  it.each(['json', 'sarif', 'cyclonedx', 'openvex', 'markdown'] as const)(
    'judge is scan, as %s',
    async (format) => {
      const feed = openFeed(at('feed'));
      const { image, inventory } = await open();
      const scan = await judge(inventory, feed, { image, date: now, failOn: ['low'] });
      const written = await writeReport(scan, format);
      image.close();
      feed.close();
      const asked = ['--feed', at('feed'), '--max-age', '0', '--fail-on', 'low'];
      expect(written).toBe(run('scan', place(), ...asked, '-o', format));
    },
  );

  it.each([undefined, 'libssl3'])('explain is explain: %s', async (name) => {
    const feed = openFeed(at('feed'));
    const { image, inventory } = await open();
    const snapshots = at('snapshots');
    const how = { image, snapshots };
    const explained =
      name === undefined
        ? await explain(inventory, feed, 'CVE-2023-5363', name, how)
        : await explain(inventory, feed, 'CVE-2023-5363', name, how);
    const written = [await writeReport(explained, 'json'), await writeReport(explained, 'table')];
    image.close();
    feed.close();
    const asked = [place(), 'CVE-2023-5363', ...(name ? [name] : []), '--feed', at('feed'), '--max-age', '0'];
    const told = ['json', 'table'].map((format) =>
      run('explain', ...asked, '--snapshots', snapshots, '-o', format),
    );
    expect(written).toEqual(told);
  });

  if (reference.startsWith('sbom:')) return;

  it.each(['json', 'sarif', 'junit'] as const)('verifyFiles is verify, as %s', async (format) => {
    const verified = await verifyFiles(place(), { allow: ['/usr/local/**'] });
    expect(await writeReport(verified, format)).toBe(
      run('verify', place(), '--allow', '/usr/local/**', '-o', format),
    );
  });

  it.each(['json', 'xccdf', 'oval', 'arf', 'html'] as const)('comply is comply, as %s', async (format) => {
    const content = { file: at('benchmark.xml') };
    const compliance = await comply(place(), { content, profile: 'standard', now });
    const asked = ['--content', content.file, '--profile', 'standard', '-o', format];
    expect(await writeReport(compliance, format)).toBe(run('comply', place(), ...asked));
  });

  it.each(['json', 'oval', 'table'] as const)('evalOval is eval, as %s', async (format) => {
    const [content, variables] = [at('definitions.xml'), at('variables.xml')];
    const evaluation = await evalOval(place(), { content, variables, all: true, now });
    const asked = ['--content', content, '--variables', variables, '--all', '-o', format];
    expect(await writeReport(evaluation, format)).toBe(run('eval', place(), ...asked));
  });
});
