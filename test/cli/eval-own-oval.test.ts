import { join } from 'node:path';
import { expect, test } from 'vitest';
import { debianRelease, project, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder();
const feed = join(folder, 'feed');
const image = rootWith({
  'etc/os-release': debianRelease('12', 'bookworm'),
  'etc/debian_version': '12.2\n',
  'var/lib/dpkg/status': stanza('curl', '7.88.1-10+deb12u3'),
});

function evaluate(content: string, ...args: string[]) {
  return scapfeed(['eval', `dir:${image}`, '--content', content, '--fail-on', 'any', ...args]);
}

test('a person who takes the OVAL for distroless images on another image is told so, and it is never clean', () => {
  const mirror = join(project, 'feeds/sample');
  const built = scapfeed([
    ...['build', '--source', 'debian', '--no-ratings', '--mirror', mirror, '--unsigned-mirror'],
    ...['--snapshots', join(folder, 'snapshots'), '--out', feed],
  ]);
  expect(built.code).toBe(0);
  const right = join(feed, 'oval/debian-12.oval.xml');
  const wrong = join(feed, 'oval/debian-12.status-d.oval.xml');
  const compiled = join(folder, 'status-d.json');
  expect(scapfeed(['compile', wrong, '-o', compiled]).code).toBe(0);

  expect(evaluate(right).code).toBe(1);
  for (const content of [wrong, compiled]) {
    for (const args of [[], ['--class', 'vulnerability'], ['--class', 'patch,inventory']]) {
      const { code, out, err } = evaluate(content, ...args);
      expect(code).toBe(4);
      expect(err).toContain("nothing applies: the content cannot see the image's packages");
      expect(out).toContain('nothing applies');
    }
  }
});
