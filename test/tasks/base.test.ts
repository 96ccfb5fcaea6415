import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { judge, openFeed, openImage, readInventory } from '../../src/library/index.ts';
import type { ScanResult } from '../../src/model/verdict/index.ts';
import { statedBases } from '../../src/tasks/scan/base.ts';
import { imageLayout, writeFiles } from '../image/support/make-image.ts';
import { file } from '../image/support/make-tar.ts';
import { debianRelease, scapfeed, stanza } from '../support/cli.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** Installed versions by package. */
type State = Readonly<Record<string, number>>;

const names = ['alpha', 'beta', 'gamma', 'delta'] as const;
const ownNames = ['own1', 'own2'] as const;

/** Every version below 5 of every package is affected. */
let directory: string;
beforeAll(() => {
  const statements = [...names, ...ownNames].map((name, at) => ({
    ...{ vulnerability: `CVE-2026-100${at}`, package: name, subject: 'source' as const },
    ...{ status: 'fixed' as const, fixed: '5' },
  }));
  directory = writeSmallFeed([{ platform: bookworm, statements }]);
});

const status = (state: State) =>
  Object.entries(state)
    .map(([name, version]) => stanza(name, String(version)))
    .join('');

/** The layout of an image with a layer for each state; equal layers have equal digests. */
function imageOf(states: readonly State[], labels: Record<string, string> = {}): string {
  const layers = states.map((state, at) => [
    ...(at === 0 ? [file('usr/lib/os-release', debianRelease('12', 'bookworm'))] : []),
    file('var/lib/dpkg/status', status(state)),
  ]);
  return `oci:${writeFiles(temporaryFolder(), imageLayout({ layers, labels }))}:latest`;
}

async function openAll(references: readonly string[]) {
  return Promise.all(
    references.map(async (reference) => {
      const image = await openImage(reference);
      return { image, inventory: readInventory(image) };
    }),
  );
}

async function scanned(reference: string, ...bases: readonly string[]): Promise<ScanResult> {
  const feed = openFeed(directory);
  const [subject, ...others] = await openAll([reference, ...bases]);
  const { image, inventory } = subject!;
  const { result } = await judge(inventory, feed, { image, bases: others });
  feed.close();
  return result;
}

const origins = ({ verdicts }: ScanResult) =>
  Object.fromEntries(verdicts.map(({ package: pkg, base }) => [pkg.name, base?.origin]));

const version = fc.integer({ min: 1, max: 6 });
const stateOf = (of: readonly string[]): fc.Arbitrary<State> =>
  fc.dictionary(fc.constantFrom(...of), version, { maxKeys: of.length, noNullPrototype: true });

/** The state after a layer that installs and upgrades, and removes nothing. */
const after = (state: State, layer: State): State => {
  const next: Record<string, number> = { ...state };
  for (const [name, to] of Object.entries(layer)) next[name] = Math.max(to, next[name] ?? 0);
  return next;
};

describe('the origin of a flaw', () => {
  it('is that of the layer which installed the package, if the image begins with the base', async () => {
    const stack = fc.array(stateOf([...names, ...ownNames]), { minLength: 2, maxLength: 4 });
    const seen = new Set<string | undefined>();
    await fc.assert(
      fc.asyncProperty(stack, fc.nat(), async (layers, cut) => {
        const states: State[] = [];
        for (const layer of [{ alpha: 1, ...layers[0] }, ...layers.slice(1)])
          states.push(after(states.at(-1) ?? {}, layer));
        const depth = 1 + (cut % states.length);
        const result = await scanned(imageOf(states), imageOf(states.slice(0, depth)));

        expect(result.bases?.base.layers).toBe(depth);
        expect(result.bases?.newer).toBeUndefined();
        for (const { package: pkg, base } of result.verdicts) {
          seen.add(base?.origin);
          expect([pkg.name, base]).toEqual([pkg.name, { origin: pkg.layer! < depth ? 'base' : 'own' }]);
        }
      }),
      { numRuns: 25 },
    );
    expect([...seen].sort()).toEqual(['base', 'own']);
  });

  it('by a newer build, and what a rebuild does, are as of an image that was rebuilt on it', async () => {
    const cases = fc.tuple(stateOf(names), stateOf(names), stateOf(ownNames));
    const seen = new Set<string | undefined>();
    await fc.assert(
      fc.asyncProperty(cases, async ([before, upgrades, own]) => {
        const old: State = { alpha: 1, ...before };
        const kept = Object.fromEntries(Object.entries(upgrades).filter(([name]) => name in old));
        const now: State = { ...after(old, kept), marker: 9 };
        const image = imageOf([old, { ...old, ...own }]);
        const [was, newer] = [imageOf([old]), imageOf([now])];
        const rebuilt = await scanned(imageOf([now, { ...now, ...own }]));
        const left = new Set(rebuilt.verdicts.map(({ vulnerability }) => vulnerability));

        const byBoth = await scanned(image, was, newer);
        const byNewer = await scanned(image, newer);
        const swapped = await scanned(image, newer, was);

        expect(byNewer.bases?.base.layers).toBeUndefined();
        expect(origins(byNewer)).toEqual(origins(byBoth));
        expect(swapped.bases).toEqual(byBoth.bases);
        for (const { verdicts } of [byBoth, byNewer, swapped])
          for (const { vulnerability, package: pkg, base } of verdicts) {
            seen.add(base?.rebuild);
            const isOwn = (ownNames as readonly string[]).includes(pkg.name);
            expect(base).toEqual(
              isOwn
                ? { origin: 'own' }
                : { origin: 'base', rebuild: left.has(vulnerability) ? 'keeps' : 'fixes' },
            );
          }
      }),
      { numRuns: 15 },
    );
    expect(seen).toEqual(new Set(['fixes', 'keeps', undefined]));
  });

  it('is unknown where the base lists fewer packages than it has', async () => {
    const reference = imageOf([{ alpha: 1 }, { alpha: 1, own1: 1 }]);
    const [subject, base] = await openAll([reference, imageOf([{ alpha: 1, gamma: 2 }])]);
    const note = { code: 'incomplete_package_database', where: '/var/lib/dpkg/status' };
    const partly = { ...base!, inventory: { ...base!.inventory, notes: [note] } };
    const feed = openFeed(directory);
    const { result } = await judge(subject!.inventory, feed, { image: subject!.image, bases: [partly] });
    feed.close();

    expect(result.verdicts.map(({ package: { name }, base: found }) => [name, found])).toEqual([
      ['alpha', { origin: 'base', rebuild: 'keeps' }],
      ['own1', { origin: 'unknown' }],
    ]);
    expect(result.bases?.newer?.unknown).toMatch(/^not all packages of oci:/);
  });

  it.each([
    ['of another distribution', ['alpine', '3.20'], { alpha: 1 }],
    ['without a package', ['12', 'bookworm'], {}],
  ])('is unknown by a base %s', async (_, release, state) => {
    const layers = [
      [
        file(
          'usr/lib/os-release',
          release[0] === 'alpine' ? 'ID=alpine\nVERSION_ID=3.20.1\n' : debianRelease('12', 'bookworm'),
        ),
        file('var/lib/dpkg/status', status(state as State)),
      ],
    ];
    const base = `oci:${writeFiles(temporaryFolder(), imageLayout({ layers }))}:latest`;
    expect(origins(await scanned(imageOf([{ own1: 1 }]), base))).toEqual({ own1: 'unknown' });
  });

  it('is unknown by a base of another architecture, whose packages have other names', async () => {
    const layers = [
      [
        file('usr/lib/os-release', debianRelease('12', 'bookworm')),
        file('var/lib/dpkg/status', status({ alpha: 1 }).replaceAll('amd64', 'arm64')),
      ],
    ];
    const place = writeFiles(temporaryFolder(), imageLayout({ layers, architecture: 'arm64' }));
    expect(origins(await scanned(imageOf([{ alpha: 1 }]), `oci:${place}:latest`))).toEqual({
      alpha: 'unknown',
    });
  });

  it('names the base in errors about it', () => {
    const image = imageOf([{ alpha: 1 }]);
    const { code, err } = scapfeed([
      'scan',
      image,
      '--base',
      'oci:/nowhere:1',
      '--feed',
      directory,
      '--max-age',
      '0',
    ]);
    expect(`${code} ${err}`).toMatch(/^2 .*at: the base image oci:\/nowhere:1/s);
  });

  it('a base of a platform that the feed lacks promises no fix', async () => {
    const image = imageOf([{ alpha: 1 }]);
    const layers = [
      [
        file('usr/lib/os-release', debianRelease('13', 'trixie')),
        file('var/lib/dpkg/status', status({ alpha: 2 })),
      ],
    ];
    const trixie = `oci:${writeFiles(temporaryFolder(), imageLayout({ layers }))}:latest`;
    const { verdicts, bases } = await scanned(image, trixie);
    expect(verdicts.map(({ base }) => base)).toEqual([{ origin: 'base', rebuild: 'unknown' }]);
    expect(bases?.newer?.unknown).toContain('debian');
  });
});

describe('scan --base', () => {
  const scan = (...args: string[]) => scapfeed(['scan', ...args, '--feed', directory, '--max-age', '0']);
  const old = { alpha: 1, beta: 1 };
  const own = { ...old, own1: 2 };
  const made = () => ({
    image: imageOf([old, own]),
    base: imageOf([old]),
    newer: imageOf([{ alpha: 5, beta: 2 }]),
  });

  it('says it in every format', () => {
    const { image, base, newer } = made();
    const by = (format: string) => scan(image, '--base', base, '--base', newer, '-o', format).out;
    const table = by('table').replace(/\s+/g, ' ');
    expect(table).toContain('the image begins with its 1 layer; newer build oci:');
    expect(table).toContain('2 flaws of the base image, 1 of own layers; its newer build fixes 1');
    expect(table).toContain('of the base image, its newer build fixes it');
    const { counts, bases } = JSON.parse(by('json'));
    expect(counts.origins).toMatchObject({ base: 2, own: 1, both: 0, rebuildFixes: 1, rebuildKeeps: 1 });
    expect(bases).toMatchObject({ base: { layers: 1 }, newer: { reference: newer } });
    const found = JSON.parse(by('sarif')).runs[0].results.map(
      ({ properties }: { properties: { origin: string; rebuild?: string } }) => [
        properties.origin,
        properties.rebuild,
      ],
    );
    expect(found.sort()).toEqual([
      ['base', 'fixes'],
      ['base', 'keeps'],
      ['own', undefined],
    ]);
    const csv = by('csv').split('\r\n');
    const at = csv[0]!.split(',').indexOf('origin') - csv[0]!.split(',').length;
    expect(csv[0]).toContain(',origin,rebuild');
    expect(csv.slice(1, 4).map((line) => line.split(',').slice(at).slice(0, 2).join())).toEqual([
      'base,fixes',
      'base,keeps',
      'own,',
    ]);
    for (const format of ['html', 'junit', 'markdown', 'gitlab'])
      expect(by(format), format).toContain('of the base image, its newer build fixes it');
  });

  it('explains why a base alone that the image does not begin with has fixes', () => {
    const { image, newer } = made();
    const table = scan(image, '--base', newer).out.replace(/\s+/g, ' ');
    expect(table).toContain(
      'the image does not begin with its layers, so that it stands for its newer build too',
    );
    expect(table).toContain('its newer build fixes 1');
  });

  it('takes the base that the image names, and notes one that it does not name', () => {
    const { out, err } = scan(made().image, '--base', 'labels');
    expect(`${out}${err}`.match(/no base image at oci:/g)).toHaveLength(1);
    expect(out).toContain('no base image at oci:');
    expect(out).not.toContain('of own layers');
    const lost = imageOf([old], { 'org.opencontainers.image.base.name': 'a//b' });
    const noted = scan(lost, '--base', 'labels');
    expect(noted.code).toBe(0);
    expect(noted.out).toContain('base image not read at registry:a//b');
  });

  it('refuses three', () => {
    const { image, base } = made();
    const { code, err } = scan(image, '--base', base, '--base', base, '--base', base);
    expect([code, err]).toEqual([2, expect.stringContaining('at most 2 images, found 3')]);
  });

  it.each<[object, string[]]>([
    [{}, []],
    [{ name: 'debian:12' }, ['registry:debian:12']],
    [
      { name: 'host:5000/a/b:12', digest: 'sha256:0' },
      ['registry:host:5000/a/b@sha256:0', 'registry:host:5000/a/b:12'],
    ],
    [{ name: 'host:5000/b', digest: 'sha256:0' }, ['registry:host:5000/b@sha256:0', 'registry:host:5000/b']],
    [{ name: 'debian@sha256:0' }, ['registry:debian@sha256:0']],
    [{ digest: 'sha256:0' }, []],
  ])('labels %j name %j', (given, references) => {
    const labels = Object.fromEntries(
      Object.entries(given).map(([key, value]) => [`org.opencontainers.image.base.${key}`, value]),
    );
    expect(statedBases({ labels })).toEqual(references);
    expect(statedBases({ labels: {}, annotations: labels })).toEqual(references);
  });

  it('leaves a name and password out of the references that an image states', () => {
    const labels = {
      'org.opencontainers.image.base.name': 'user:secret@host/lab/base:1',
      'org.opencontainers.image.base.digest': `sha256:${'a'.repeat(64)}`,
    };
    expect(statedBases({ labels })).toEqual([
      `registry:host/lab/base@sha256:${'a'.repeat(64)}`,
      'registry:host/lab/base:1',
    ]);
  });
});
