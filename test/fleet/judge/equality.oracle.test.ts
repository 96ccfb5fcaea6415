import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, globSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openSubject } from '../../../src/cli/options/subject.ts';
import { distributionCoverage } from '../../../src/fleet/judge/coverage.ts';
import { judgePackages } from '../../../src/fleet/judge/judge-packages.ts';
import { keptParts } from '../../../src/fleet/kept-parts.ts';
import { verdictRow } from '../../../src/fleet/store/verdicts.ts';
import { openFeed } from '../../../src/runtime/node.ts';
import { project, scapfeed } from '../../support/cli.ts';
import { addImages, newEmbedded, night } from '../../support/fleet.ts';
import { expectScans } from '../../support/fleet-equals-scan.ts';
import { noHome, temporaryFolder } from '../../support/temporary.ts';
import { share } from '../../support/trials.ts';

const folder = temporaryFolder();
const feed = join(folder, 'feed');
/** The sample's images, a host, and packages of this machine: real databases of dpkg, rpm and languages. */
const images = [
  `oci:${join(folder, 'image')}:sample`,
  `oci:${join(folder, 'ubi')}`,
  `dir:${join(folder, 'rhel10')}`,
  `dir:${join(folder, 'machine')}`,
];
const judging = { platformMap: [] };

/** Copies this machine's package databases, not the rest of its disk: reading all of it takes 20 s of a processor. */
function copyMachine(): void {
  const files = ['/etc/os-release', '/usr/lib/os-release', '/etc/debian_version', '/var/lib/dpkg/status'];
  const described = globSync('/usr/lib/python3/dist-packages/*-info/METADATA');
  const modules = globSync(['node_modules/*/package.json', 'node_modules/@*/*/package.json'], {
    cwd: project,
  });
  const copies = [
    ...[...files, ...described].map((path) => [path, path]),
    ...modules.map((path) => [join(project, path), join('srv', path)]),
  ];
  for (const [from = '', to = ''] of copies) {
    if (!existsSync(from)) continue;
    mkdirSync(dirname(join(folder, 'machine', to)), { recursive: true });
    copyFileSync(from, join(folder, 'machine', to));
  }
}

beforeAll(() => {
  copyMachine();
  const script = (name: string) => JSON.stringify(join(project, 'scripts', name));
  const make = `import(${script('sample-image.mjs')}).then((sample) => sample.writeSampleImage('image'));
    import(${script('sample-rhel.mjs')}).then((sample) => { sample.writeSampleUbi('ubi'); sample.writeSampleHost('rhel10'); });`;
  execFileSync(process.execPath, ['-e', make], { cwd: folder });
  const built = scapfeed([
    ...[
      'build',
      '--source',
      'debian,redhat,cve-records,nvd,kev,epss',
      '--mirror',
      join(project, 'feeds/sample'),
    ],
    ...['--unsigned-mirror', '--no-oval', '--out', feed, '--snapshots', join(folder, 'snapshots')],
  ]);
  expect(built.code, built.err).toBe(0);
});

describe("the sample's images, a host and this machine", () => {
  it('have the verdicts of a scan in a fleet', async () => {
    const place = await newEmbedded();
    await addImages(place, images);
    const { summary } = await night(place, feed, [], (fleet) => expectScans(fleet, images));
    expect(summary).toMatchObject({ read: images.length, unread: 0 });
  });

  it.each(images)('%s: a package has the same verdicts alone as among all others', async (reference) => {
    const opened = openFeed(feed);
    const { image, inventory } = await openSubject(reference, { 'no-cache': true } as never, {
      HOME: noHome(),
    });
    image.close();
    const { system, packages } = keptParts(inventory);
    const kept = packages.map(({ facts }, id) => ({ id, facts }));
    const coverage = distributionCoverage(opened, system.facts, judging);
    const together = judgePackages(opened, system.facts, coverage, kept, judging);
    for (const each of share(kept, 250)) {
      const alone = judgePackages(opened, system.facts, coverage, [each], judging);
      const told = (judged: typeof alone) => [
        (judged.verdicts.get(each.id) ?? []).map((verdict) => JSON.stringify(verdictRow(verdict))).sort(),
        (judged.uncovered.get(each.id) ?? []).map(({ reason, detail }) => `${reason} ${detail}`),
      ];
      expect(told(alone)).toEqual(told(together));
    }
    opened.close();
  });
});
