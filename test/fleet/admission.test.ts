import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeToken } from '../../src/fleet/store/tokens.ts';
import { addWaiver } from '../../src/fleet/store/waivers.ts';
import { imageLayout, writeFiles } from '../image/support/make-image.ts';
import { file } from '../image/support/make-tar.ts';
import { debianRelease, stanza } from '../support/cli.ts';
import { runHere } from '../support/command.ts';
import { addImages, newEmbedded, night } from '../support/fleet.ts';
import { openFleetServer } from '../support/fleet-server.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

interface Review {
  response: {
    uid: string;
    allowed: boolean;
    warnings: string[];
    status?: { code: number; message: string };
  };
}

it('Kubernetes is told which pods have images that were judged lately and have no flaw with a fix', async () => {
  const place = await newEmbedded();
  const folder = temporaryFolder();
  const image = (name: string, release: string, ...packages: string[]) => {
    const layer = [
      file('etc/os-release', release),
      file('var/lib/dpkg/status', packages.map((each) => stanza(each, '1')).join('')),
    ];
    return `oci:${writeFiles(join(folder, name), imageLayout({ layers: [layer] }))}:latest`;
  };
  const release = debianRelease('12', 'bookworm');
  const [clean, fixable, unfixed, foreign] = [
    image('clean', release, 'c'),
    image('fixable', release, 'a'),
    image('unfixed', release, 'b'),
    image('foreign', 'ID=none\n', 'a'),
  ];
  await addImages(place, [clean, fixable, unfixed, foreign, 'oci:/nowhere:latest']);
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
      ],
    },
  ]);
  const inventory = await runHere(['inventory', clean, '-o', `json=${folder}/sent.json`]);
  expect(inventory.code, inventory.err).toBe(0);
  const imported = ['fleet', 'import', join(folder, 'sent.json'), '--name', 'registry.example/sent:1'];
  expect(await runHere([...imported, '--database', place])).toMatchObject({ code: 0 });
  await night(place, feed);
  let now = new Date();
  await using server = await openFleetServer(place, { now: () => now });
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

  expect(await review([clean, unfixed])).toBe('allowed');
  expect(await review([clean, fixable])).toBe(
    `scapfeed: ${fixable}: a fix can be installed for CVE-2024-0001 (critical) in a`,
  );
  expect(await review([foreign])).toMatch(/: nothing of it is judged \(/);
  expect(await review(['oci:/nowhere:latest'])).toMatch(/: it could not be read \(/);
  // Whoever sends inventories does not admit an image by its name.
  expect(await review(['registry.example/sent:1'])).toMatch(/: the fleet does not have it$/);
  expect(await review(['registry.example/other:1'])).toMatch(/: the fleet does not have it$/);
  const [{ digest }] = (await database.query<{ digest: string }>(
    'SELECT digest FROM fleet.images JOIN fleet.name_images ON image = images.id JOIN fleet.names ON names.id = name WHERE reference = $1',
    [clean],
  )) as [{ digest: string }];
  expect(await review([`registry.example/clean@${digest}`])).toBe('allowed');

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
  now = new Date(now.getTime() + 25 * 3_600_000);
  expect(await review([clean])).toBe('scapfeed: the last run of the fleet ended 25 hours ago');
  expect(await review([clean], 'critical/48')).toBe('allowed');

  // What cannot be judged is an error, which the webhook's failurePolicy decides about; never "allowed".
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
}, 120_000);
