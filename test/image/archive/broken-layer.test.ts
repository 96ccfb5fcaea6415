import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { benchmark, lineCheck, rule } from '../../comply/support/small-content.ts';
import { debianRelease, project, scapfeed, stanza } from '../../support/cli.ts';
import { bookworm, writeSmallFeed } from '../../support/small-feed.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { dockerArchive } from '../support/make-image.ts';
import { file, type TarInput } from '../support/make-tar.ts';

const status = file('var/lib/dpkg/status', stanza('a', '1'));
const release = file('etc/os-release', debianRelease('12', 'bookworm'));
const owned = file('var/lib/dpkg/info/a.list', '/.\n');
const whole = [[status, release, owned], [file('opt/x', 'x'.repeat(200_000))]];

function withWrongSize(entry: TarInput): TarInput {
  return { ...entry, pax: { size: 'none' } };
}

const healthy: Record<string, Buffer> = {
  'plain layers': dockerArchive({ layers: whole }, 'docker 24'),
  'gzip layers': dockerArchive({ layers: whole }, 'docker 25'),
};

const broken: Record<string, Buffer> = {
  'a plain layer whose first entry has a size that is none': dockerArchive(
    { layers: [[withWrongSize(status), release], whole[1]!] },
    'docker 24',
  ),
  'a gzip layer whose first entry has a size that is none': dockerArchive(
    { layers: [[withWrongSize(status), release], whole[1]!] },
    'docker 25',
  ),
  'a second layer whose header is damaged': damagedAt(healthy['plain layers']!, 'opt/x'),
};

function damagedAt(archive: Buffer, name: string): Buffer {
  const bytes = Buffer.from(archive);
  bytes[bytes.indexOf(name)]! += 1;
  return bytes;
}

function run(args: readonly string[], input: Buffer) {
  return scapfeed(args, {}, project, input);
}

function prepare() {
  const folder = temporaryFolder();
  const at = (name: string) => join(folder, name);
  const feed = writeSmallFeed([{ platform: bookworm, statements: [] }], folder);
  writeFileSync(at('oval.xml'), lineCheck('/etc/os-release', '^ID=debian$'));
  writeFileSync(at('content.xml'), benchmark(rule('root')));
  const commands: string[][] = [
    ['scan', '-', '--feed', feed, '--max-age', '0', '--fail-on', 'any', '--allow-uncovered'],
    ['inventory', '-'],
    ['verify', '-'],
    ['comply', '-', '--content', at('content.xml')],
  ];
  return { at, commands };
}

describe('an archive on stdin', () => {
  it.each(Object.entries(broken))('with %s is an error of every command', (_, archive) => {
    const { at, commands } = prepare();
    writeFileSync(at('app.tar.gz'), gzipSync(archive));
    for (const args of commands) {
      const report = ['-o', `json=${at('report.json')}`];
      const fromFile = args.map((arg) => (arg === '-' ? at('app.tar.gz') : arg));

      for (const { code, out, err } of [run([...args, ...report], archive), run(fromFile, Buffer.alloc(0))]) {
        expect({ args, code, out }).toEqual({ args, code: 2, out: '' });
        expect(err).toMatch(/\[IMAGE_MALFORMED\]/);
      }
      expect(existsSync(at('report.json'))).toBe(false);
    }
  });

  it.each(Object.entries(healthy))('with %s is read by every command', (_, archive) => {
    const { commands } = prepare();
    for (const args of commands) {
      const { code, out } = run(args, archive);

      expect({ args, code }).toEqual({ args, code: 0 });
      expect(out).toMatch(/\n$/);
    }
  });
});
