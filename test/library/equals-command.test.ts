import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  bundleFeed,
  checkFeed,
  compareResults,
  compileContent,
  comply,
  contentGuide,
  describeFile,
  evalOval,
  explain,
  fixScript,
  judge,
  listKeys,
  listRules,
  makeKeys,
  openFeed,
  openImage,
  readInventory,
  readResults,
  readSbom,
  rebuildFeed,
  revokeKey,
  rotateKeys,
  tailor,
  tailoringPage,
  validateFile,
  verifyFiles,
  writeReport,
} from '../../src/library/index.ts';
import { scapfeed } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { command, passphrase, workshop } from './support/workshop.ts';

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
      const scan = await judge(inventory, feed, { image, date: now, failOn: ['low'], allowUnrated: true });
      const written = await writeReport(scan, format);
      image.close();
      feed.close();
      const asked = ['--feed', at('feed'), '--max-age', '0', '--fail-on', 'low', '--allow-unrated'];
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
    // The library knows the feed, and the command also the other options of its command line.
    const options = ` --max-age 0 --snapshots ${snapshots}\n`;
    expect(written).toEqual(told.map((text) => text.replace(options, '\n')));
  });

  it.each([undefined, 'libssl3'])('explain tells an end of life: %s', async (name) => {
    const feed = openFeed(at('feed'));
    const { image, inventory } = await open();
    const how = { image, now: new Date('2100-01-01') };
    const explained =
      name === undefined
        ? await explain(inventory, feed, 'CVE-2023-5363', name, how)
        : await explain(inventory, feed, 'CVE-2023-5363', name, how);
    const written = await writeReport(explained, 'table');
    image.close();
    feed.close();
    expect(explained.result.gaps.map(({ code }) => code)).toEqual(['end_of_life']);
    expect(written).toContain(' is past its end of life: ');
  });

  it('explain without snapshots is explain in a folder without any: the record is elsewhere', async () => {
    const feed = openFeed(at('feed'));
    const { image, inventory } = await open();
    const explained = await explain(inventory, feed, 'CVE-2023-5363', 'libssl3', { image });
    const written = await writeReport(explained, 'json');
    image.close();
    feed.close();
    expect(written).toContain('not shown: the snapshot is not on this machine');
    const asked = [place(), 'CVE-2023-5363', 'libssl3', '--feed', at('feed'), '--max-age', '0'];
    expect(written).toBe(run('explain', ...asked, '--snapshots', temporaryFolder(), '-o', 'json'));
  });

  if (reference.startsWith('sbom:')) {
    it('explain of an SBOM in memory names a command that reads it on stdin', async () => {
      const feed = openFeed(at('feed'));
      const document = readFileSync(at(reference.slice('sbom:'.length)));
      const { image, inventory } = await readSbom(document, { name: 'app.json' });
      const listed = await explain(inventory, feed, 'CVE-2023-5363', undefined, { image });
      const written = await writeReport(listed, 'table');
      feed.close();
      const [, next] = /^why: scapfeed (.*)$/m.exec(written) ?? [];
      expect(next).toBe(`explain sbom:- CVE-2023-5363 libssl3 --feed ${at('feed')}`);
      const words = [...next!.split(' '), '--max-age', '0'];
      expect(scapfeed(words, {}, undefined, document.toString()).out).toContain('CVE-2023-5363 in libssl3');
    });
    return;
  }

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

describe('content', () => {
  const content = () => ({ file: at('benchmark.xml') });
  const run = (...args: string[]) => command(folder, args);

  it.each(['bash', 'ansible', 'containerfile'] as const)('fixScript is fix, as %s', async (type) => {
    const { result } = await comply(`dir:${at('image')}`, { content: content(), profile: 'standard', now });
    const asked = ['fix', '--type', type];
    const json = ['-o', 'json=result.json'];
    run('comply', 'dir:image', '--content', 'benchmark.xml', '--profile', 'standard', ...json);
    expect((await fixScript({ results: result, type })).script).toBe(
      run(...asked, '--results', 'result.json'),
    );
    expect((await fixScript({ results: at('result.json'), type })).script).toBe(
      run(...asked, '--results', 'result.json'),
    );
    expect((await fixScript({ content: content(), profile: 'standard', type })).script).toBe(
      run(...asked, '--content', 'benchmark.xml', '--profile', 'standard'),
    );
  });

  it('tailor, listRules, tailoringPage and contentGuide are tailor and guide', async () => {
    const which = ['--content', 'benchmark.xml', '--profile', 'standard'];
    const profile = 'standard';
    const changes = { select: ['setting3'], unselect: ['setting1'], severity: { setting2: 'high' } } as const;
    run('tailor', 'ours.xml', ...which, '--select', 'setting3');
    const first = await tailor(content(), { profile, select: ['setting3'], now });
    expect(first.document).toBe(readFileSync(at('ours.xml'), 'utf8'));
    const further = await tailor(content(), { from: at('ours.xml'), ...changes, now });
    const asked = ['--select', 'setting3', '--unselect', 'setting1', '--severity', 'setting2=high'];
    run('tailor', 'ours.xml', ...which, ...asked);
    expect(further.document).toBe(readFileSync(at('ours.xml'), 'utf8'));
    const rules = await listRules(content(), { profile });
    expect(
      rules.map(({ selected, severity, id, title }) =>
        [selected ? '+' : '-', severity, id, title].join('\t'),
      ),
    ).toEqual(
      run('tailor', '--list', ...which)
        .trimEnd()
        .split('\n'),
    );
    const page = run('tailor', '--page', 'benchmark.xml', '--profile', profile);
    expect(await tailoringPage(content(), { profile })).toBe(page);
    const guide = run('guide', 'benchmark.xml', '--profile', profile);
    expect(await contentGuide(content(), { profile })).toBe(guide);
  });

  it.each(['benchmark.xml', 'definitions.xml'])('compileContent is compile: %s', async (file) => {
    await compileContent({ file: at(file) }, { out: at('compiled') });
    expect(readFileSync(at('compiled'), 'utf8')).toBe(run('compile', file));
  });

  it('describeFile and readResults are info and report', async () => {
    const described = await describeFile(at('benchmark.xml'));
    for (const format of described.formats)
      expect(await writeReport(described, format)).toBe(run('info', 'benchmark.xml', '-o', format));
    const how = ['--content', 'benchmark.xml', '--profile', 'standard'];
    run('comply', 'dir:image', ...how, '-o', 'arf=arf.xml', '-o', 'oval=oval.xml');
    const results = await readResults(at('arf.xml'));
    if (results.kind !== 'compliance') throw new Error('expected results of a benchmark');
    for (const format of ['json', 'xccdf', 'arf'] as const)
      expect(await writeReport(results, format)).toBe(run('report', 'arf.xml', '-o', format));
    for (const file of ['arf.xml', 'oval.xml']) {
      const read = await readResults(at(file));
      for (const format of ['table', 'html'] as const) {
        const text = read.kind === 'oval' ? writeReport(read, format) : writeReport(read, format);
        expect(await text).toBe(run('report', file, '-o', format));
      }
    }
  });
});

describe('feeds and keys', () => {
  const run = (...args: string[]) => command(folder, args);

  it('validateFile and checkFeed are validate', async () => {
    for (const options of [{}, { profile: true }]) {
      const checked = await validateFile(at('definitions.xml'), options);
      const asked = options.profile ? ['--profile'] : [];
      for (const format of checked.formats)
        expect(await writeReport(checked, format)).toBe(
          command(folder, ['validate', at('definitions.xml'), ...asked, '-o', format], [0, 1]),
        );
    }
    const { files, lines } = await checkFeed(at('feed'));
    expect(files).toBeGreaterThan(3);
    expect(lines).toBeGreaterThan(files);
  });

  it('bundleFeed is bundle', async () => {
    const outcome = await bundleFeed({ from: at('public'), out: at('own.bundle'), platforms: ['debian-12'] });
    const told = run('bundle', '--from', 'public', '--out', 'its.bundle', '--platform', 'debian-12');
    expect(readFileSync(at('own.bundle'))).toEqual(readFileSync(at('its.bundle')));
    expect(told).toContain(`signatures expire ${outcome.expires};`);
  });

  it('rebuildFeed is rebuild', async () => {
    const { files, snapshots } = await rebuildFeed(at('feed'), { snapshots: at('snapshots') });
    expect(run('validate', '--rebuild', 'feed', '--snapshots', 'snapshots')).toBe(
      `feed: ${files} files rebuilt from ${snapshots} snapshots, every byte the same\n`,
    );
  });

  it.each(['trivy', 'content'] as const)('compareResults is compare, with %s', async (kind) => {
    const file = at(kind === 'trivy' ? 'trivy.json' : 'definitions.xml');
    const feed = openFeed(at('feed'));
    const compared = await compareResults(`dir:${at('image')}`, { feed, [kind]: file, now });
    const asked = [`--${kind}`, file, '--feed', at('feed'), '--max-age', '0'];
    for (const format of compared.formats)
      expect(await writeReport(compared, format)).toBe(
        run('compare', `dir:${at('image')}`, ...asked, '-o', format),
      );
    feed.close();
  });

  it('keys that the library makes, rotates and revokes are those that keys lists', async () => {
    const keys = at('library-keys');
    await makeKeys(keys, { passphrase, date: now });
    const { made } = await makeKeys(keys, { roles: ['targets'], passphrase, date: now });
    await rotateKeys(keys, { roles: ['timestamp'], type: 'ecdsa', passphrase, date: now });
    await revokeKey(keys, made[0]!.keyid.slice(0, 20), { passphrase, date: now, expires: 86_400_000 });
    const listed = await listKeys(keys);
    expect(listed.root).toEqual({
      version: 4,
      sha256: createHash('sha256')
        .update(readFileSync(join(keys, '4.root.json')))
        .digest('hex'),
      expires: '2026-11-02T00:00:00Z',
      thresholds: { root: 1, targets: 1, snapshot: 1, timestamp: 1 },
    });
    expect(listed.keys.filter(({ state }) => state === 'retired')).toHaveLength(2);
    const rows = run('keys', 'list', '--keys', keys).split('\n').slice(1, 7);
    expect(rows.map((row) => row.split(/\s{2,}/).slice(0, 3))).toEqual(
      listed.keys.map(({ keyid, type, roles }) => [keyid.slice(0, 16), type, roles.join(', ')]),
    );
    run('keys', 'rotate', '--keys', keys, '--role', 'snapshot');
    expect((await listKeys(keys)).root?.version).toBe(5);
  });
});
