import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { benchmark, lineCheck, rule } from '../comply/support/small-content.ts';
import { imageLayout, writeFiles } from '../image/support/make-image.ts';
import { file, hardlink, type TarInput } from '../image/support/make-tar.ts';
import { debianRelease, scapfeed, stanza } from '../support/cli.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const status = 'var/lib/dpkg/status';
const base = [file('etc/os-release', debianRelease('12', 'bookworm')), file(status, stanza('a', '1'))];
const folder = temporaryFolder();
writeFileSync(join(folder, 'oval.xml'), lineCheck('/etc/os-release', '^ID=debian$'));
writeFileSync(join(folder, 'content.xml'), benchmark(rule('root')));
const content = join(folder, 'content.xml');
const feed = writeSmallFeed([{ platform: bookworm, statements: [] }]);

function imageWith(layer: TarInput[]): string {
  return `oci:${writeFiles(temporaryFolder(), imageLayout({ layers: [base, layer] }))}`;
}

describe('an image with a hard link to nothing', () => {
  const lost = [hardlink('opt/x', 'opt/none')];
  const said = /note: hardlink without target at layer 2: \/opt\/x -> opt\/none/;

  it('is told of by comply, on stderr and in JSON', () => {
    const image = imageWith(lost);
    const table = scapfeed(['comply', image, '--content', content]);
    const json = scapfeed(['comply', image, '--content', content, '-o', 'json']);

    expect([table.code, json.code]).toEqual([0, 0]);
    for (const { err } of [table, json]) expect(err).toMatch(said);
    expect(JSON.parse(json.out).notes).toEqual([
      { code: 'hardlink_without_target', where: 'layer 2', detail: '/opt/x -> opt/none' },
    ]);
  });

  it.each([
    ['xccdf', '<remark>image: hardlink without target at layer 2: /opt/x -&gt; opt/none</remark>'],
    ['arf', '<remark>image: hardlink without target at layer 2: /opt/x -&gt; opt/none</remark>'],
    ['junit', '<system-out>note: hardlink without target at layer 2: /opt/x -&gt; opt/none\n</system-out>'],
    ['html', '<li>hardlink without target at layer 2: /opt/x -&gt; opt/none</li>'],
  ])('is told of in a report as %s', (format, said) => {
    const report = (layer: TarInput[]) =>
      scapfeed(['comply', imageWith(layer), '--content', content, '-o', format]).out.replaceAll(
        '&#10;',
        '\n',
      );

    expect(report(lost)).toContain(said);
    expect(report([])).not.toMatch(/<remark>|<system-out>|Notes on the image/);
  });

  it('with the name of an attacker begins no line and no element of a report', () => {
    const name = 'opt/\n::error::a]]><script>alert(1)</script>\u202e';
    const image = imageWith([hardlink(name, 'opt/none')]);
    for (const format of ['xccdf', 'arf', 'junit', 'html']) {
      const { out } = scapfeed(['comply', image, '--content', content, '-o', format]);
      expect(out).toContain('hardlink without target at layer 2');
      expect(out).not.toMatch(/<script>alert|^\s*::error|\u202e|\]\]>/m);
    }
  });

  it('is told of by scan and inventory', () => {
    const image = imageWith(lost);

    expect(scapfeed(['scan', image, '--feed', feed, '--max-age', '0']).out).toMatch(said);
    expect(scapfeed(['inventory', image]).out).toMatch(said);
  });

  it('leaves no note where there is nothing to say', () => {
    const json = scapfeed(['comply', imageWith([]), '--content', content, '-o', 'json']);

    expect(json.err).toBe('');
    expect(JSON.parse(json.out)).not.toHaveProperty('notes');
  });
});

describe('an image whose package database is a hard link to nothing', () => {
  it.each([
    ['scan', '--feed', feed, '--max-age', '0'],
    ['inventory'],
    ['verify'],
    ['comply', '--content', content],
  ])('is an error of %s', (name, ...options) => {
    const { code, out, err } = scapfeed([name, imageWith([hardlink(status, 'opt/none')]), ...options]);

    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/expected a hard link to a file of the image.*\[IMAGE_MALFORMED\]/);
  });
});
