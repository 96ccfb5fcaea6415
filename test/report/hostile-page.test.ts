import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { scapfeed } from '../support/cli.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder();
const feed = writeSmallFeed([{ platform: bookworm, statements: [] }]);
const sbom = join(folder, 'sbom.json');
writeFileSync(
  sbom,
  JSON.stringify({
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    components: [{ type: 'library', name: 'x', purl: 'pkg:deb/debian/%1b%5b31mred@1?distro=debian-12' }],
  }),
);
const scan = (...args: string[]) =>
  scapfeed(['scan', `sbom:${sbom}`, '--feed', feed, '--max-age', '0', ...args]);

it('a page on the terminal holds no escape sequence of a package name', () => {
  const { out } = scan('-o', 'html');

  expect(out).toContain('U+001B[31mred');
  expect(out).not.toContain('\u001b');
});

it('a template of sections within sections is refused, not a crash', () => {
  const template = join(folder, 'deep.txt');
  writeFileSync(template, `${'{{#.}}'.repeat(12_000)}${'{{/.}}'.repeat(12_000)}`);
  const { code, err } = scan('-o', `template=${template}=${join(folder, 'out')}`);

  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('nested too deeply') as string });
});
