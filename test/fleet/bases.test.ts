import { beforeAll, describe, expect, it } from 'vitest';
import { refusedReference } from '../../src/fleet/bases/refused-reference.ts';
import { importInventory } from '../../src/fleet/store/imports.ts';
import { imageLayout, writeFiles } from '../image/support/make-image.ts';
import { file } from '../image/support/make-tar.ts';
import { debianRelease, stanza } from '../support/cli.ts';
import { runHere } from '../support/command.ts';
import { addImages, type HeldStore, heldStore, night } from '../support/fleet.ts';
import { type ImageRegistry, openImageRegistry } from '../support/image-registry.ts';
import { openPageServer } from '../support/page-server.ts';
import { bookworm, deb, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

type State = Readonly<Record<string, string>>;

/** Every build below 5 of each of them is affected. */
const affected = ['alpha', 'beta', 'gamma', 'own'];
let feed = '';
let registry: ImageRegistry;

beforeAll(async () => {
  const statements = affected.map((name, at) => ({
    ...{ vulnerability: `CVE-2026-100${at}`, package: name, subject: 'source' as const },
    ...{ status: 'fixed' as const, fixed: '5' },
  }));
  feed = writeSmallFeed([{ platform: bookworm, statements }]);
  registry = await openImageRegistry();
});

/** A layer for each state, each over the ones before. */
const layersOf = (states: readonly State[], release = debianRelease('12', 'bookworm')) =>
  states.map((state, at) => [
    ...(at === 0 ? [file('usr/lib/os-release', release)] : []),
    file(
      'var/lib/dpkg/status',
      Object.entries(state)
        .map(([name, version]) => stanza(name, version))
        .join(''),
    ),
  ]);

const labelsOf = (name: string, digest?: string) => ({
  'org.opencontainers.image.base.name': `${registry.host}/${name}`,
  ...(digest !== undefined && { 'org.opencontainers.image.base.digest': digest }),
});

const old: State = { alpha: '1', beta: '1', gamma: '1' };
const newer: State = { alpha: '5', beta: '2', gamma: '1' };
/** The image upgrades one package of the base, though not enough, and adds one. */
const app: State = { ...old, gamma: '3', own: '1' };

const nightly = (store: HeldStore, ...options: string[]) =>
  night(store, feed, ['--insecure-registry', registry.host, '--no-cache', ...options]);

/** Asks the pages and the API of a store. */
async function asking<T>(store: HeldStore, use: (ask: (path: string) => Promise<string>) => Promise<T>) {
  const server = await openPageServer(store, () => new Date());
  const ask = async (path: string) => {
    const { statusCode, body } = await server.app.inject({ url: path, headers: { accept: 'text/html' } });
    expect([path, statusCode]).toEqual([path, 200]);
    return body;
  };
  try {
    return await use(ask);
  } finally {
    await server.close();
  }
}

const rowsOf = (text: string) =>
  (JSON.parse(text) as { rows: Record<string, string | number | null>[] }).rows;

/** Origin and effect of a rebuild by vulnerable package. */
const flawsOf = (ask: (path: string) => Promise<string>, digest: string, query = '') =>
  ask(`/images/${digest}?format=json&table=flaws${query}`).then((text) =>
    Object.fromEntries(rowsOf(text).map(({ source, origin, rebuild }) => [source, [origin, rebuild]])),
  );

describe('fleet run --base labels', () => {
  it('says of each flaw what a scan says, on the page, in CSV and in the API', async () => {
    const name = 'scan/base:12';
    const built = registry.push(name, { layers: layersOf([old]) });
    registry.push(name, { layers: layersOf([newer]) });
    const labels = labelsOf(name, built);
    const digest = registry.push('scan/app:1', { layers: layersOf([old, app]), labels });
    const reference = `${registry.host}/scan/app:1`;
    await using store = await heldStore();
    await addImages(store, [reference]);
    const { summary } = await nightly(store, '--base', 'labels');
    expect(summary.bases).toEqual({ known: 1, unknown: 0 });

    const options = ['--feed', feed, '--max-age', '0', '--insecure-registry', registry.host, '-o', 'json'];
    const { out } = await runHere(['scan', reference, '--base', 'labels', ...options]);
    const { verdicts, bases, counts } = JSON.parse(out) as {
      verdicts: { vulnerability: string; base: object }[];
      bases: { base: object; newer: object };
      counts: { origins: Record<string, number> };
    };
    expect(counts.origins).toMatchObject({ base: 2, own: 2, rebuildFixes: 1, rebuildKeeps: 1 });

    await asking(store, async (ask) => {
      const found = JSON.parse(await ask(`/api/v1/images/${digest}/verdicts`)) as {
        verdicts: typeof verdicts;
      };
      const pairs = (of: typeof verdicts) =>
        of.map(({ vulnerability, base }) => [vulnerability, base]).sort();
      expect(pairs(found.verdicts)).toEqual(pairs(verdicts));
      const image = JSON.parse(await ask(`/api/v1/images/${digest}`)) as { bases: object };
      expect(image.bases).toEqual({ ...bases, reason: null });
      expect(await flawsOf(ask, digest)).toEqual({
        alpha: ['base', 'fixes'],
        beta: ['base', 'keeps'],
        gamma: ['own', null],
        own: ['own', null],
      });
      expect(Object.keys(await flawsOf(ask, digest, '&origin=own'))).toEqual(['own', 'gamma']);
      expect(Object.keys(await flawsOf(ask, digest, '&rebuild=fixes'))).toEqual(['alpha']);
      const csv = await ask(`/images/${digest}?format=csv`);
      expect(csv.split('\r\n')[0]).toMatch(/,origin,rebuild$/);
      const page = (await ask(`/images/${digest}`)).replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
      expect(page).toContain('2 flaws of the base image, 2 of own layers; its newer build fixes 1');
      expect(page).toContain('the image begins with its 1 layer; newer build');
      expect(page).toContain('of the base image its newer build fixes it');

      const base = `registry:${registry.host}/scan/base@${built}`;
      const [listed] = rowsOf(await ask('/images?format=json'));
      expect(listed).toMatchObject({ image: reference, base, base_unknown: null });
      expect(rowsOf(await ask(`/images?format=json&base=${encodeURIComponent(base)}`))).toHaveLength(1);
      expect(rowsOf(await ask('/images?format=json&base=another'))).toEqual([]);
      expect(rowsOf(await ask('/packages?format=json&table=bases'))).toEqual([
        expect.objectContaining({
          ...{ base, digest: built, images: 1, flaws: 2, fixes: 1, keeps: 1, unknown: 0 },
          newer: `registry:${registry.host}/${name}`,
        }),
      ]);
      const { items } = JSON.parse(await ask('/api/v1/images')) as { items: { base: object }[] };
      expect(items[0]!.base).toEqual({ reference: base, digest: built });
    });
  });

  it('reads a base once, follows its name to the next build, and forgets both with a night that does not compare', async () => {
    const name = 'moves/base:12';
    const built = registry.push(name, { layers: layersOf([old]) });
    const labels = labelsOf(name, built);
    const digests = ['1', '2'].map((tag) =>
      registry.push(`moves/app:${tag}`, { layers: layersOf([old, { ...app, [`own${tag}`]: '9' }]), labels }),
    );
    await using store = await heldStore();
    await addImages(
      store,
      ['1', '2'].map((tag) => `${registry.host}/moves/app:${tag}`),
    );
    const kept = () => store.query('SELECT digest, run FROM fleet.bases ORDER BY digest');
    const timesRead = () => registry.layersRead.filter((repository) => repository === 'moves/base').length;

    await nightly(store, '--base', 'labels');
    expect(await kept()).toEqual([{ digest: built, run: 1 }]);
    expect(timesRead()).toBe(1);
    await asking(store, async (ask) => {
      for (const digest of digests) expect((await flawsOf(ask, digest))['alpha']).toEqual(['base', 'keeps']);
    });

    await nightly(store, '--base', 'labels');
    expect(timesRead()).toBe(1);
    expect(await kept()).toEqual([{ digest: built, run: 2 }]);

    const next = registry.push(name, { layers: layersOf([newer]) });
    await nightly(store, '--base', 'labels');
    expect(timesRead()).toBe(2);
    expect(await kept()).toEqual([built, next].sort().map((digest) => ({ digest, run: 3 })));
    await asking(store, async (ask) => {
      for (const digest of digests) expect((await flawsOf(ask, digest))['alpha']).toEqual(['base', 'fixes']);
      expect(rowsOf(await ask('/packages?format=json&table=bases'))).toMatchObject([{ images: 2, fixes: 1 }]);
    });

    const { summary } = await nightly(store);
    expect(summary.bases).toBeUndefined();
    expect(await kept()).toEqual([]);
    await asking(store, async (ask) => {
      expect(await flawsOf(ask, digests[0]!)).toMatchObject({ alpha: [null, null] });
      expect(await ask(`/images/${digests[0]}`)).not.toContain('base image');
      expect(await ask('/images')).not.toContain('Base image');
      expect(JSON.parse(await ask(`/api/v1/images/${digests[0]}`))).toMatchObject({ bases: null });
    });
    // Images that are known already are asked how they state their base.
    expect((await nightly(store, '--base', 'labels')).summary.bases).toEqual({ known: 2, unknown: 0 });
  });

  it('gives the reason where a base, or its newer build, is not known', async () => {
    const trixie = debianRelease('13', 'trixie');
    const built = registry.push('lost/base:12', { layers: layersOf([old]) });
    registry.push('lost/base:13', { layers: layersOf([newer], trixie) });
    const images = {
      silent: {},
      gone: labelsOf('lost/none:1'),
      half: labelsOf('lost/none:1', built),
      unjudged: labelsOf('lost/base:13', built),
    };
    // The digest is of a base in the repository that the name names.
    registry.push('lost/none:0', { layers: layersOf([old]) });
    const digests = Object.fromEntries(
      Object.entries(images).map(([tag, labels]) => [
        tag,
        registry.push(`lost/app:${tag}`, { layers: layersOf([old, { ...app, [tag]: '9' }]), labels }),
      ]),
    );
    await using store = await heldStore();
    await addImages(
      store,
      Object.keys(images).map((tag) => `${registry.host}/lost/app:${tag}`),
    );
    const sent = {
      image: { reference: 'web1', layers: [] },
      ...{ os: { id: 'debian', versionId: '12', found: '/etc/os-release' }, databases: [], notes: [] },
      packages: [deb('alpha', '1')],
    };
    await importInventory(store, sent, 'web1', new Date(), 'test');
    const { summary } = await nightly(store, '--base', 'labels');
    expect(summary.bases).toEqual({ known: 2, unknown: 3 });
    await asking(store, async (ask) => {
      const reasons = rowsOf(await ask('/images?format=json&sort=image')).map(
        ({ base_unknown }) => base_unknown,
      );
      expect(reasons).toEqual([
        expect.stringMatching(/^registry:.*\/lost\/none:1 is not read: /),
        null,
        'neither its labels nor its annotations name one',
        null,
        'an inventory that was sent in has no labels',
      ]);
      for (const tag of ['silent', 'gone'])
        expect(new Set(Object.values(await flawsOf(ask, digests[tag]!)).map(String))).toEqual(
          new Set(['unknown,']),
        );
      expect(await ask(`/images/${digests['silent']}`)).toContain('The base image is not known');
      expect(await flawsOf(ask, digests['half']!)).toMatchObject({
        alpha: ['base', null],
        own: ['own', null],
      });
      expect(await ask(`/images/${digests['half']}`)).toMatch(/lost\/none:1 is not read: /);
      expect(await flawsOf(ask, digests['unjudged']!)).toMatchObject({ alpha: ['base', 'unknown'] });
      const { bases } = JSON.parse(await ask(`/api/v1/images/${digests['unjudged']}`));
      expect(bases.newer.unknown).toContain('debian');
    });
  });

  it('asks no registry of this machine for an image of another place', async () => {
    const labels = labelsOf('secret/base:12');
    registry.push('secret/base:12', { layers: layersOf([old]) });
    const place = writeFiles(temporaryFolder(), imageLayout({ layers: layersOf([old, app]), labels }));
    await using store = await heldStore();
    await addImages(store, [`oci:${place}:latest`]);
    await nightly(store, '--base', 'labels');
    expect(registry.asked.filter((path) => path.includes('secret'))).toEqual([]);
    await asking(store, async (ask) => {
      const [row] = rowsOf(await ask('/images?format=json'));
      expect(row!['base_unknown']).toContain('it is of a registry on this machine, and the image is not');
    });
    const { host } = registry;
    expect(refusedReference(`registry:${host}/base:1`, ['registry.example/app:1'])).toBeDefined();
    expect(refusedReference(`registry:${host}/base:1`, ['registry.example/app:1', `${host}/app:1`])).toBe(
      undefined,
    );
    expect(refusedReference('registry:localhost:1/base', [`${host}/app:1`])).toBeDefined();
    expect(refusedReference(`registry:registry.example/${'a'.repeat(3000)}`, [])).toContain('3');
  });
});
