import { describe, expect, it } from 'vitest';
import { debianRelease, rootWith, scapfeed, stanza } from '../support/cli.ts';

describe('labels that an image brings', () => {
  const files = {
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status': stanza('base-files', '12.4+deb12u5'),
  };
  const doubling = Array.from({ length: 28 }, (_, at) => `ENV a${at + 1}=$a${at}$a${at}\n`).join('');

  it.each([
    ['root/buildinfo/labels.json', '{"name":{"toString":1,"valueOf":1}}', /no texts: "name"/],
    ['usr/share/buildinfo/labels.json', '{"name":{"toString":1,"valueOf":1}}', /no texts: "name"/],
    [
      'root/buildinfo/Dockerfile-x',
      `ENV a0=xxxxxxxx\n${doubling}LABEL name=$a28\n`,
      /variables make a value too long/,
    ],
  ])('%s is a note and no failure', (path, content, note) => {
    const { code, out, err } = scapfeed(['inventory', `dir:${rootWith({ ...files, [path]: content })}`]);

    expect(out).toMatch(note);
    expect(out).toMatch(/base-files/);
    expect(err).not.toMatch(/INTERNAL/);
    expect(code).toBe(0);
  });
});
