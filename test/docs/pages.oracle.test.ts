import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands/index.ts';
import { errorTable } from '../../src/cli/manual/error-table.ts';
import { pageName } from '../../src/cli/manual/markdown-page.ts';
import { errorCodes } from '../../src/model/index.ts';
import { project } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

describe('the site of the documentation', () => {
  const site = temporaryFolder();
  const read = (path: string) => readFileSync(join(site, path), 'utf8');
  const pages = () =>
    readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.html'));

  beforeAll(() => {
    // Its exit code is 1 if a link or an anchor leads nowhere.
    execFileSync(process.execPath, [join(project, 'scripts/docs.mjs'), site], { cwd: project });
  });

  it('has every page of docs, every example and every command', () => {
    const written = readdirSync(join(project, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.md'))
      .map((path) => path.replace(/\.md$/, '.html'));
    const every = commands.flatMap((entry) => [entry, ...(entry.subcommands ?? [])]);
    const generated = every.map(({ name }) => `reference/${pageName(name)}.html`);
    expect([...written, ...generated].filter((path) => !existsSync(join(site, path)))).toEqual([]);
    expect(read('examples/jenkins/Jenkinsfile.html')).toMatch(/scapfeed@[\d.]+ scan/);
  });

  it('has every page in the navigation or linked from a page', () => {
    const linked = new Set(
      pages().flatMap((path) =>
        [...read(path).matchAll(/<a [^>]*href="([^"#:]+)/g)].map(([, href]) =>
          new URL(href!, `file:///${path}`).pathname.slice(1),
        ),
      ),
    );
    expect(pages().filter((path) => !linked.has(path))).toEqual([]);
  });

  it('names every option of a command and every code of an error', async () => {
    const { options } = await commands.find(({ name }) => name === 'scan')!.load();
    const scan = read('reference/scan.html');
    expect(Object.keys(options).filter((name) => !scan.includes(`--${name}`))).toEqual([]);
    expect(Object.keys(errorTable)).toEqual(Object.keys(errorCodes));
    const errors = read('reference/errors.html');
    expect(Object.keys(errorCodes).filter((code) => !errors.includes(`<code>${code}</code>`))).toEqual([]);
  });

  it.runIf(existsSync(join(project, 'scripts/api-docs/node_modules/typedoc')))(
    'has the API of the library below the reference, and every page leads to it',
    () => {
      expect(read('library.html')).toContain('<a href="reference/api/index.html">API of the library</a>');
      expect(existsSync(join(site, 'reference/api/functions/judge.html'))).toBe(true);
    },
  );

  it('loads nothing from elsewhere', () => {
    const loaded = pages().flatMap((path) =>
      [...read(path).matchAll(/<(?:script|link|img|iframe)\b[^>]*(?:src|href)="([^"]+)"/g)].map(
        ([, address]) => address!,
      ),
    );
    expect(loaded.filter((address) => /^(?:\w+:)?\/\//.test(address))).toEqual([]);
  });

  it('is not built with a link or an anchor that leads nowhere', () => {
    const copy = temporaryFolder();
    for (const name of ['docs', 'examples', 'scripts', 'src', 'templates', 'schemas', 'feeds'])
      cpSync(join(project, name), join(copy, name), { recursive: true });
    for (const name of readdirSync(project).filter((name) => /\.(md|yml|json)$/.test(name)))
      cpSync(join(project, name), join(copy, name));
    execFileSync('ln', ['-s', join(project, 'node_modules'), join(copy, 'node_modules')]);
    writeFileSync(
      join(copy, 'docs/vex.md'),
      '# VEX\n\n[a](nowhere.md) [b](sbom.md#no-such-heading) [c](sbom.md)\n',
    );
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(copy, 'scripts/docs.mjs'), join(copy, 'out/site'), '--without-api'],
      { cwd: copy, encoding: 'utf8' },
    );
    expect(status).toBe(1);
    expect(stderr).toContain('vex.html: no file for nowhere.md');
    expect(stderr).toContain('vex.html: no heading for sbom.html#no-such-heading');
  });
});
