import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { outputFormats } from '../../src/cli/output-formats.ts';
import { debianRelease, scapfeed, stanza } from '../support/cli.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { smallStream } from '../support/small-stream.ts';
import { temporaryFolder } from '../support/temporary.ts';

const feed = writeSmallFeed([
  { platform: bookworm, data: { roster: new Map([['a', { version: '1', binaries: [] }]]) }, statements: [] },
]);
const template = join(temporaryFolder(), 'words.mustache');
writeFileSync(template, 'words');
const content = join(temporaryFolder(), 'content.xml');
writeFileSync(content, smallStream());

const options = {
  scan: ['--feed', feed, '--max-age', '0'],
  verify: [],
  comply: ['--content', content, '--profile', 'base'],
  eval: ['--content', content],
  check: ['--content', content, '--profile', 'base', '--feed', feed, '--max-age', '0'],
  inventory: [],
} as const;
type Command = keyof typeof options;

let here: string;
const run = (command: Command, ...more: string[]) =>
  scapfeed([command, './img/deb', ...options[command], ...more], { SOURCE_DATE_EPOCH: '1790000000' }, here);
const root = (path: string) => join(here, 'img/deb', path);
const noDatabase = () => rmSync(root('var/lib/dpkg/status'));
const noImage = () => rmSync(root(''), { recursive: true });
const reports = () => readdirSync(join(here, 'o')).sort();
const removed = (err: string) => [...err.matchAll(/^removed (.*): this run has no report to put there$/gm)];

beforeEach(() => {
  here = temporaryFolder();
  for (const folder of ['o', 'img/deb/etc', 'img/deb/var/lib/dpkg/info'])
    mkdirSync(join(here, folder), { recursive: true });
  writeFileSync(root('etc/os-release'), debianRelease('12', 'bookworm'));
  writeFileSync(root('var/lib/dpkg/status'), stanza('a', '1'));
  writeFileSync(root('var/lib/dpkg/info/a.list'), '/.\n');
  writeFileSync(root('var/lib/dpkg/info/a.md5sums'), '');
});

/** `-o` for each format, in files of the given ending. */
function everyFormat(command: Command, ending: string): string[] {
  return outputFormats
    .filter(({ commands }) => (commands as readonly string[]).includes(command))
    .flatMap(({ name }) => [
      '-o',
      `${name === 'template' ? `${name}=${template}` : name}=o/${name}${ending}`,
    ]);
}

describe.each(Object.keys(options) as Command[])('%s of an image that cannot be judged', (command) => {
  it('leaves no report of an earlier run, in any format', () => {
    const outputs = everyFormat(command, '.{name}');
    run(command, ...outputs);
    const written = reports();
    expect(written).toHaveLength(outputs.length / 2);
    expect(written[0]).toMatch(/\.deb$/);
    // Files can be judged without packages.
    const needsPackages = command !== 'comply' && command !== 'eval';
    if (needsPackages) noDatabase();
    else noImage();
    const { code, err } = run(command, ...outputs);
    expect(code).toBe(needsPackages ? 4 : 2);
    expect(
      removed(err)
        .map(([, file]) => file)
        .sort(),
    ).toEqual(written.map((name) => `o/${name}`));
    expect(reports()).toEqual([]);
  });
});

describe('scan', () => {
  const outputs = ['-o', 'junit=o/s.xml', '-o', 'html=o/s.html'];

  it('of a path where nothing is now, and which may be a place in a registry', () => {
    const place = '127.0.0.1:9/deb';
    const argv = ['scan', place, ...options.scan, '-o', 'json=o/{name}.json'];
    mkdirSync(join(here, '127.0.0.1:9'));
    renameSync(root(''), join(here, place));
    scapfeed(argv, {}, here);
    expect(reports()).toEqual(['deb.json']);
    rmSync(join(here, place), { recursive: true });
    const { code, err } = scapfeed(argv, {}, here);
    expect([code, removed(err).length, reports()]).toEqual([2, 1, []]);
  });

  it('without its feed removes them as well', () => {
    run('scan', ...outputs);
    const { code, err } = run('scan', ...outputs, '--feed', 'nowhere');
    expect([code, removed(err).length, reports()]).toEqual([3, 2, []]);
  });

  it('of an SBOM on stdin removes the one of its name', () => {
    const argv = ['scan', 'sbom:-', ...options.scan, '-o', 'json=o/{name}.json'];
    run('inventory', '-o', 'cyclonedx=bom.json');
    const bom = readFileSync(join(here, 'bom.json'), 'utf8');
    expect(scapfeed(argv, {}, here, bom).code).toBe(0);
    const written = reports();
    expect(written).toHaveLength(1);
    const { code, err } = scapfeed(argv, {}, here, bom.slice(0, 40));
    expect([code, removed(err).map(([, file]) => file), reports()]).toEqual([2, [`o/${written[0]}`], []]);
  });

  describe('of several images', () => {
    const several = ['-o', 'html=o/all.html', '-o', 'json=o/{name}.json'];
    const images = ['./img/deb', './img/other'];
    const ask = (...more: string[]) =>
      scapfeed(['scan', ...options.scan, ...several, ...more], { SOURCE_DATE_EPOCH: '1790000000' }, here);
    beforeEach(() => {
      cpSync(root(''), join(here, 'img/other'), { recursive: true });
      writeFileSync(join(here, 'list.txt'), images.join('\n'));
    });

    it.each([
      ['operands', images],
      ['a pattern', ['./img/*']],
      ['a list', ['--targets', 'list.txt']],
    ])('without its feed removes all: %s', (_, asked) => {
      ask(...asked);
      expect(reports()).toEqual(['all.html', 'deb.json', 'other.json']);
      const { code, err } = ask(...asked, '--feed', 'nowhere');
      expect([code, removed(err).length, reports()]).toEqual([3, 3, []]);
    });

    it('one of which cannot be judged removes the one about that', () => {
      ask(...images);
      noDatabase();
      const { code, err } = ask(...images);
      expect([code, removed(err).map(([, file]) => file)]).toEqual([4, ['o/deb.json']]);
      expect(reports()).toEqual(['all.html', 'other.json']);
    });

    it('that is called wrongly, or would write over what it reads, leaves all', () => {
      ask(...images);
      const written = reports();
      writeFileSync(join(here, 'one.txt'), 'tar:o/image');
      writeFileSync(join(here, 'o/image'), 'of one');
      for (const wrong of [
        [...images, '--fail-on', 'hihg'],
        ['-o', 'markdown=list.txt', '--targets', 'list.txt'],
        [...images, '--baseline', 'o/other.json'],
        ['--targets', 'one.txt', '-o', 'markdown=o/image'],
        ['tar:o/im*', '-o', 'markdown=o/image'],
      ])
        expect(ask(...wrong, '--feed', 'nowhere'), wrong.join(' ')).toMatchObject({ code: 2, out: '' });
      expect(readFileSync(join(here, 'list.txt'), 'utf8')).toBe(images.join('\n'));
      expect(reports()).toEqual([...written, 'image'].sort());
    });
  });

  it('that is called wrongly leaves them', () => {
    run('scan', ...outputs);
    const { code, err } = run('scan', ...outputs, '--fail-on', 'hihg');
    expect([code, removed(err), reports()]).toEqual([2, [], ['s.html', 's.xml']]);
  });

  it('that fails its gate writes new ones', () => {
    writeFileSync(root('var/lib/dpkg/status'), stanza('a', '1') + stanza('foreign', '1'));
    writeFileSync(join(here, 'o/s.xml'), 'old');
    const { code, err } = run('scan', ...outputs);
    expect([code, removed(err), reports()]).toEqual([4, [], ['s.html', 's.xml']]);
    expect(readFileSync(join(here, 'o/s.xml'), 'utf8')).toContain('<testsuite');
  });

  it('leaves links, folders and devices', () => {
    run('scan', '-o', 'json=o/last.json', '-o', 'junit=o/target.xml');
    symlinkSync('target.xml', join(here, 'o/link.xml'));
    mkdirSync(join(here, 'o/folder'));
    noDatabase();
    const to = ['junit=o/link.xml', 'html=o/folder', 'sarif=/dev/null'];
    const { code, err } = run('scan', '--baseline', 'o/last.json', ...to.flatMap((one) => ['-o', one]));
    expect([code, removed(err)]).toEqual([4, []]);
    expect(reports()).toEqual(['folder', 'last.json', 'link.xml', 'target.xml']);
    expect(existsSync('/dev/null')).toBe(true);
  });

  it('of an SBOM that is malformed does not remove the SBOM', () => {
    writeFileSync(join(here, 'bom.json'), '{"bomFormat":');
    const argv = ['scan', 'sbom:bom.json', '--feed', feed, '-o', 'cyclonedx=bom.json'];
    expect(scapfeed(argv, {}, here).code).toBe(2);
    expect(existsSync(join(here, 'bom.json'))).toBe(true);
  });
});
