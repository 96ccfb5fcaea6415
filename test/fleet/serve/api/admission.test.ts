import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeToken } from '../../../../src/fleet/store/tokens.ts';
import { addWaiver } from '../../../../src/fleet/store/waivers.ts';
import { imageLayout, writeFiles } from '../../../image/support/make-image.ts';
import { file } from '../../../image/support/make-tar.ts';
import { debianRelease, stanza } from '../../../support/cli.ts';
import { runHere } from '../../../support/command.ts';
import { addImages, fleetCommands, heldStore, night } from '../../../support/fleet.ts';
import { openFleetServer } from '../../../support/fleet-server.ts';
import { bookworm, writeSmallFeed } from '../../../support/small-feed.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

interface Review {
  response: {
    uid: string;
    allowed: boolean;
    warnings: string[];
    status?: { code: number; message: string };
  };
}

it('Kubernetes is told which pods have images that were judged lately and have no flaw with a fix', async () => {
  await using store = await heldStore();
  const folder = temporaryFolder();
  const image = (name: string, release: string, ...packages: string[]) => {
    const layer = [
      file('etc/os-release', release),
      file('var/lib/dpkg/status', packages.map((each) => stanza(each, '1')).join('')),
    ];
    return `oci:${writeFiles(join(folder, name), imageLayout({ layers: [layer] }))}:latest`;
  };
  const release = debianRelease('12', 'bookworm');
  const layouts = {
    clean: image('clean', release, 'c'),
    fixable: image('fixable', release, 'a'),
    unfixed: image('unfixed', release, 'b'),
    foreign: image('foreign', 'ID=none\n', 'a'),
    unrated: image('unrated', release, 'd', 'e'),
    halfRated: image('halfRated', release, 'a', 'd'),
  };
  const unread = 'registry:no name of a registry';
  await addImages(store, [...Object.values(layouts), 'oci:/nowhere:latest', unread]);
  const feed = writeSmallFeed([
    {
      platform: bookworm,
      statements: [
        {
          vulnerability: 'CVE-2024-0001',
          package: 'a',
          status: 'fixed',
          fixed: '2',
          severity: 'critical',
        },
        {
          vulnerability: 'CVE-2024-0002',
          package: 'b',
          status: 'affected',
          fixState: 'none_yet',
          severity: 'critical',
        },
        { vulnerability: 'CVE-2024-0003', package: 'd', status: 'fixed', fixed: '2' },
        { vulnerability: 'CVE-2024-0004', package: 'e', status: 'fixed', fixed: '2' },
      ],
    },
  ]);
  const inventory = await runHere(['inventory', layouts.clean, '-o', `json=${folder}/sent.json`]);
  expect(inventory.code, inventory.err).toBe(0);
  const imported = [join(folder, 'sent.json'), '--name', 'registry.example/sent:1'];
  expect(await fleetCommands(store)('import', ...imported)).toMatchObject({ code: 0 });
  await night(store, feed);
  let now = new Date();
  await using server = await openFleetServer(store, { now: () => now });
  const { database } = server.context;
  const token = await server.token('read');
  const ask = (body: unknown, path = 'critical/24', by = token) =>
    server.ask(`/api/v1/admission/${path}?timeout=5s`, {
      ...{ method: 'POST', token: by, body: JSON.stringify(body) },
      headers: { 'content-type': 'application/json' },
    });
  const pod = (spec: object) => ({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: 'u1', kind: { kind: 'Pod' }, object: { kind: 'Pod', spec } },
  });
  const review = async (images: readonly string[], path?: string) => {
    const answer = await ask(pod({ containers: images.map((each) => ({ image: each })) }), path);
    expect(answer.status).toBe(200);
    const { response } = (await answer.json()) as Review;
    expect([response.uid, response.status?.code]).toEqual(['u1', response.allowed ? undefined : 403]);
    return response.status?.message ?? 'allowed';
  };

  const rows = await database.query<{ reference: string; digest: string }>(
    'SELECT reference, digest FROM fleet.images JOIN fleet.name_images ON image = images.id JOIN fleet.names ON names.id = name',
  );
  const digestOf = new Map(rows.map(({ reference, digest }) => [reference, digest]));
  const pinned = (reference: string) => `registry.example/app@${digestOf.get(reference)!}`;
  const [clean, fixable, unfixed, foreign, unrated, halfRated] = Object.values(layouts).map(pinned) as [
    ...[string, string, string, string, string, string],
  ];

  expect(await review([clean, unfixed])).toBe('allowed');
  expect(await review([clean, fixable])).toBe(
    `scapfeed: ${fixable}: a fix can be installed for CVE-2024-0001 (critical) in a`,
  );
  expect(await review([foreign])).toMatch(/: nothing of it is judged \(/);
  expect(await review([unread.replace('registry:', '')])).toMatch(/: it could not be read \(/);
  // Where nobody rates flaws, a severity keeps nothing out.
  expect(await review([unrated])).toBe(`scapfeed: ${unrated}: 2 of 2 flaws with a fix are not rated`);
  expect(await review([halfRated], 'unknown/24')).toContain('CVE-2024-0003 (unknown) in d');
  // Whoever sends inventories does not admit an image by its name.
  expect(await review(['registry.example/sent:1'])).toMatch(/: the fleet does not have it$/);
  expect(await review(['registry.example/other:1'])).toMatch(/: the fleet does not have it$/);
  // Local names mean nothing in a pod; a digest counts only at the end of a name.
  const cleanDigest = digestOf.get(layouts.clean)!;
  for (const name of [layouts.clean, cleanDigest, `a@${cleanDigest}@sha256:0`, `a@${cleanDigest} `])
    expect(await review([name]), name).toMatch(/: the fleet does not have it$/);
  // Kubernetes takes any text for the name of an image.
  const odd = await review(['\x1b[31m\n\u202e', 'x'.repeat(100_000)]);
  expect(odd).toMatch(/^[\x20-\x7e]{1,800}$/);

  // Each kind of container counts.
  for (const kind of ['initContainers', 'ephemeralContainers']) {
    const answer = await ask(pod({ containers: [{ image: clean }], [kind]: [{ image: fixable }] }));
    expect(((await answer.json()) as Review).response.allowed, kind).toBe(false);
  }

  const mounted = await ask(
    pod({ containers: [{ image: clean }], volumes: [{ name: 'v', image: { reference: fixable } }] }),
  );
  expect(((await mounted.json()) as Review).response.allowed).toBe(false);

  await addWaiver(database, { vulnerability: 'CVE-2024-0001', reason: 'not reachable' }, 'ann', now);
  expect(await review([fixable])).toBe('allowed');
  expect(await review([halfRated])).toMatch(/: 1 of 1 flaws with a fix are not rated$/);
  expect(await review([halfRated], 'unknown/24')).toContain('CVE-2024-0003');
  now = new Date(now.getTime() + 25 * 3_600_000);
  expect(await review([clean])).toBe('scapfeed: the last run of the fleet ended 25 hours ago');
  expect(await review([clean], 'critical/48')).toBe('allowed');

  // An image that cannot be judged is an error, left to the webhook's failurePolicy; never "allowed".
  const { request, ...head } = pod({ containers: [{ image: clean }] });
  for (const body of [
    ...[
      {},
      [],
      { ...head },
      { ...head, request: { ...request, object: null } },
      pod({}),
      pod({ containers: 3 }),
    ],
    ...[pod({ containers: [{}] }), pod({ containers: [{ image: clean }, null] })],
    { ...head, request: { ...request, object: { kind: 'Deployment' } } },
    pod({ containers: Array.from({ length: 501 }, () => ({ image: clean })) }),
  ])
    expect((await ask(body)).status, JSON.stringify(body).slice(0, 200)).toBe(400);
  for (const path of ['severe/24', 'critical/0', 'critical/x'])
    expect((await ask(pod({ containers: [{ image: clean }] }), path)).status).toBe(400);
  const sender = { name: 'web1', role: 'send', names: 'web1' } as const;
  const other = (await makeToken(database, sender, now))!;
  expect((await ask(pod({ containers: [{ image: clean }] }), 'critical/24', other)).status).toBe(403);
  // A team sees its images as if there were no others; whether a pod starts is not for it to ask.
  const team = (await makeToken(database, { name: 'payments', role: 'team', owner: 'payments' }, now))!;
  expect((await ask(pod({ containers: [{ image: clean }] }), 'critical/24', team)).status).toBe(403);
  expect((await ask(pod({ containers: [{ image: clean }] }), 'critical/24', '')).status).toBe(401);

  // A database that does not answer admits nothing.
  await database.query('ALTER SCHEMA fleet RENAME TO gone');
  try {
    const lost = await ask(pod({ containers: [{ image: clean }] }));
    expect(lost.status).toBeGreaterThanOrEqual(500);
    expect(await lost.text()).not.toContain('allowed');
  } finally {
    // Another test gets this store.
    await database.query('ALTER SCHEMA gone RENAME TO fleet');
  }
}, 120_000);
