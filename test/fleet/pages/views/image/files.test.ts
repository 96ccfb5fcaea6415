import { describe, expect, it } from 'vitest';
import type { Deviation } from '../../../../../src/model/verdict/index.ts';
import { imageLayout, writeFiles } from '../../../../image/support/make-image.ts';
import { dir, file, hardlink, type TarInput } from '../../../../image/support/make-tar.ts';
import { apiContract } from '../../../../support/api-contract.ts';
import { debianRelease, rootWith, stanza } from '../../../../support/cli.ts';
import { elf } from '../../../../support/elf.ts';
import { addImages, type HeldStore, heldStore, night } from '../../../../support/fleet.ts';
import { openFleetServer } from '../../../../support/fleet-server.ts';
import { bookworm, writeSmallFeed } from '../../../../support/small-feed.ts';
import { temporaryFolder } from '../../../../support/temporary.ts';
import { dpkgDatabase } from '../../../../verify/support/packages.ts';
import { verifyReference } from '../../../../verify/support/verify.ts';

const tool = elf('pie');
const program = (name: string, mode = 0o755): TarInput => ({ ...file(name, tool), mode });

const base = [
  dir('usr'),
  ...dpkgDatabase({ name: 'tool', files: { '/usr/bin/a': tool, '/usr/bin/b': tool } }),
  program('usr/bin/a'),
  program('usr/bin/b'),
];

const layout = (...above: TarInput[]) =>
  `oci:${writeFiles(temporaryFolder(), imageLayout({ layers: [base, above] }))}:latest`;

const feed = writeSmallFeed([{ platform: bookworm, statements: [] }]);

interface Seen {
  verification: {
    error: { code: string } | null;
    found: { kinds: Record<string, number>; files: number; compared: number };
    deviations: Deviation[];
  } | null;
  /** Of the list of images. */
  row: Record<string, unknown>;
  heading: string;
  page: string;
  csv: string;
}

/** A fleet's results for the files of its only image; the API is held to its description. */
async function seen(store: HeldStore): Promise<Seen> {
  await using server = await openFleetServer(store);
  const { ask } = await apiContract(server);
  const text = async (address: string, accept: string) =>
    (await server.ask(address, { headers: { accept } })).text();
  const { rows } = JSON.parse(await text('/images', 'application/json')) as {
    rows: Seen['row'][];
  };
  const [row] = rows;
  const at = `/images/${row!['digest']}`;
  const plain = (body: string) =>
    body
      .replaceAll('<wbr>', '')
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll(/\s+/g, ' ');
  return {
    ...((await ask(`/api/v1${at}/verification`)).body as Pick<Seen, 'verification'>),
    row: row!,
    heading: plain(await text(at, 'text/html')),
    page: plain(await text(`${at}?view=files`, 'text/html')),
    csv: await text(`${at}?view=files&table=deviations`, 'text/csv'),
  };
}

describe('the files of the images of a fleet', { timeout: 120_000 }, () => {
  it('are compared with their packages when the image is read, as `scapfeed verify` does', async () => {
    const image = layout(program('usr/bin/b', 0o4755), program('opt/new'), file('usr/bin/a', 'other'));
    await using store = await heldStore();
    await addImages(store, [image]);
    await night(store, feed);

    const { verification, row, heading, page, csv } = await seen(store);
    const { deviations, counts } = await verifyReference(image);
    expect(verification!.deviations).toEqual(deviations);
    expect(verification).toMatchObject({ error: null, found: { files: counts.files } });
    expect(verification!.found.kinds).toEqual({ unowned: 1, changed: 1, setuid: 1 });
    expect(row).toMatchObject({ files: 'deviating', unowned: 1 });
    expect(heading).toContain('with deviations 1 executable of no package');
    for (const { path } of deviations) {
      expect(page).toContain(path);
      expect(csv).toContain(path);
    }
  });

  it('are not called anything where nobody compared them, until a run is asked to', async () => {
    await using store = await heldStore();
    await addImages(store, [layout(program('opt/new'))]);
    await night(store, feed, ['--verify', 'none']);
    const unknown = await seen(store);
    expect(unknown.verification).toBeNull();
    expect(unknown.row).toMatchObject({ files: 'unverified', unowned: null });
    expect(unknown.heading).toContain('Files not verified');
    expect(unknown.page).toContain('nothing is known of them');
    expect(unknown.page).not.toContain('No deviation is known');

    // No image is read twice, unless that is asked for.
    await night(store, feed);
    expect((await seen(store)).verification).toBeNull();
    const { summary } = await night(store, feed, ['--verify', 'all']);
    expect(summary.read).toBe(0);
    expect((await seen(store)).row).toMatchObject({ files: 'deviating', unowned: 1 });
  });

  it('are as packaged, which is said of what was compared and of nothing else', async () => {
    await using store = await heldStore();
    await addImages(store, [layout()]);
    await night(store, feed);
    const { row, page } = await seen(store);
    expect(row).toMatchObject({ files: 'as_packaged', unowned: 0 });
    expect(page).toContain('No deviation is known.');
    expect(page).toContain('the absence of deviations is not');
  });

  it('are listed as far as a page can have them, the first of each kind, and all counted', async () => {
    await using store = await heldStore();
    const many = Array.from({ length: 120 }, (_, at) => program(`opt/${at}`));
    await addImages(store, [
      layout(...many, program('usr/bin/b', 0o4755), program(`opt/${'long/'.repeat(300)}x`)),
    ]);
    await night(store, feed);
    const { verification, page } = await seen(store);
    expect(verification!.found.kinds).toEqual({ unowned: 121, setuid: 1 });
    expect(verification!.deviations.filter(({ kind }) => kind === 'unowned')).toHaveLength(50);
    expect(verification!.deviations.filter(({ kind }) => kind === 'setuid')).toHaveLength(1);
    expect(page).toContain('121 50');
  });

  it('are shown as they are called, and nothing in that is markup, a control or a formula', async () => {
    await using store = await heldStore();
    const markup = '<img src=x onerror=alert(1)>';
    const names = [
      markup,
      '\u202egpj.exe',
      'a\nb\r\nx: y',
      '\x1b[2J',
      '"></script><script>alert(1)</script>',
    ];
    const owned = { name: 'tool', files: { [`/usr/${markup}`]: tool } };
    const image = writeFiles(
      temporaryFolder(),
      imageLayout({
        layers: [[dir('usr'), ...dpkgDatabase(owned)], names.map((name) => program(`opt/${name}`))],
      }),
    );
    await addImages(store, [`oci:${image}:latest`]);
    expect((await night(store, feed)).summary).toMatchObject({ read: 1, unread: 0 });

    await using server = await openFleetServer(store);
    const text = async (address: string, accept: string) =>
      (await server.ask(address, { headers: { accept } })).text();
    const { rows } = JSON.parse(await text('/images', 'application/json')) as { rows: { digest: string }[] };
    const page = await text(`/images/${rows[0]!.digest}?view=files`, 'text/html');
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(page).toContain('\\u202egpj.exe');
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(/<img|[\x00-\x09\x0b-\x1f\u202e]/.exec(page)).toBeNull();
    const csv = await text(`/images/${rows[0]!.digest}?view=files&table=deviations`, 'text/csv');
    expect(/^"?=|[,]"?=|[\x00-\x09\x0b\x0c\x0e-\x1f\u202e]/m.exec(csv)).toBeNull();
    // A line for each file and one for the head: no name begins another.
    expect(csv.trimEnd().split('\r\n')).toHaveLength(names.length + 2);
    // Programs get the names themselves.
    const { verification } = (await (
      await server.ask(`/api/v1/images/${rows[0]!.digest}/verification`)
    ).json()) as Pick<Seen, 'verification'>;
    const paths = verification!.deviations.map(({ path }) => path);
    for (const name of names) expect(paths).toContain(`/opt/${name}`);
  });

  it('that cannot be compared do not make the image one that cannot be read', async () => {
    await using store = await heldStore();
    const lost = hardlink('opt/lost', 'nowhere');
    await addImages(store, [layout(lost)]);
    const { summary } = await night(store, feed);
    expect(summary).toMatchObject({ unread: 0, read: 1 });
    const { verification, row, page } = await seen(store);
    expect(verification).toMatchObject({ error: { code: 'IMAGE_MALFORMED' }, deviations: [] });
    expect(row).toMatchObject({ files: 'failed', unowned: null });
    expect(page).toContain('could not be compared with its packages: nothing is known of them');
  });

  it('of a folder are not kept, because its digest is not that of its files', async () => {
    await using store = await heldStore();
    const root = rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': stanza('a', '1'),
    });
    await addImages(store, [`dir:${root}`]);
    await night(store, feed);
    const { verification, page } = await seen(store);
    expect(verification).toBeNull();
    expect(page).toContain('has no digest that stands for its files');
  });
});
