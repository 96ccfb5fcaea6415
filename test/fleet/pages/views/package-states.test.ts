import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { debianRelease, rootWith, stanza } from '../../../support/cli.ts';
import { runHere } from '../../../support/command.ts';
import { addImages, fleetCommands, heldStore, night } from '../../../support/fleet.ts';
import { openPageServer } from '../../../support/page-server.ts';
import { bookworm, bullseye, writeSmallFeed } from '../../../support/small-feed.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const statements = [
  { vulnerability: 'CVE-2024-0001', package: 'a', status: 'affected', fixState: 'none_yet' },
] as const;
const feed = writeSmallFeed([
  { platform: bookworm, statements },
  { platform: bullseye, statements },
]);

const image = (release: readonly [string, string], ...packages: string[]) =>
  `dir:${rootWith({
    'etc/os-release': debianRelease(...release),
    'var/lib/dpkg/status': packages.join(''),
  })}`;

/** A CycloneDX SBOM of Debian 12 with one package. */
const sbom = JSON.stringify({
  ...{ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1 },
  components: [
    { type: 'operating-system', name: 'debian', version: '12' },
    {
      ...{ type: 'library', name: 'a', version: '1' },
      purl: 'pkg:deb/debian/a@1?arch=amd64&distro=debian-12',
      properties: [
        { name: 'aquasecurity:trivy:SrcName', value: 'a' },
        { name: 'aquasecurity:trivy:SrcVersion', value: '1' },
      ],
    },
  ],
});

it("a package's page says of each build whether it is judged, past its end or not covered", async () => {
  await using store = await heldStore();
  await addImages(store, [
    image(['12', 'bookworm'], stanza('a', '1')),
    image(['11', 'bullseye'], stanza('a', '1')),
    image(['13', 'trixie'], stanza('a', '1')),
    image(['12', 'bookworm'], stanza('b', '1'), stanza('a', '2+deb10u1')),
  ]);
  await night(store, feed);
  const now = new Date();
  const server = await openPageServer(store, () => now);
  try {
    const get = async (accept: string) =>
      (await server.app.inject({ url: '/packages/a', headers: { accept } })).body;
    const { rows } = JSON.parse(await get('application/json')) as { rows: Record<string, unknown>[] };
    expect(rows.map(({ system, version, state, flaws }) => [system, version, state, flaws])).toEqual([
      ['debian-11', '1', 'end of life', 1],
      ['debian-12', '1', 'judged', 1],
      ['debian-12', '2+deb10u1', 'other origin', null],
      ['debian-13', '1', 'not covered', null],
    ]);
    const page = await get('text/html');
    expect(page).toContain('2 builds of it are not judged: nothing is known of their flaws');
    expect(page).toContain(
      '1 build of it is of a release past its end of life: new flaws are not recorded for it',
    );
  } finally {
    await server.close();
  }
});

it('fleet add takes an SBOM as scan does, and remove knows it by the same name', async () => {
  await using store = await heldStore();
  const bom = join(temporaryFolder('sbom'), 'bom.json');
  writeFileSync(bom, sbom);
  const judging = ['--feed', feed, '--max-age', '0'];
  const fleet = fleetCommands(store);

  expect(await fleet('add', bom)).toMatchObject({ code: 0, out: 'added 1 image\n' });
  const run = await fleet('run', ...judging);
  const scan = await runHere(['scan', bom, ...judging]);
  expect(run.err).not.toContain('IMAGE_MALFORMED');
  expect(run.code).toBe(scan.code);
  const { out } = await fleet('list', '-o', 'json');
  expect(JSON.parse(out)).toMatchObject([
    { reference: `sbom:${bom}`, state: 'judged', counts: { flaws: { unknown: 1 } } },
  ]);
  expect(await fleet('remove', bom)).toMatchObject({ code: 0, out: `removed sbom:${bom}\n` });
});
