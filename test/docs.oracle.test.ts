import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../src/cli/commands/index.ts';
import { project } from './support/cli.ts';
import { hasOracle, hasSecurityGuide } from './support/oracles.ts';
import { temporaryFolder } from './support/temporary.ts';
import { pattern, transcripts } from './support/transcripts.ts';

describe.skipIf(!(hasOracle('jq') && hasOracle('oscap') && hasSecurityGuide()))(
  'what a document shows is what the command prints',
  () => {
    let folder: string;
    beforeAll(() => {
      folder = temporaryFolder();
      mkdirSync(join(folder, 'bin'));
      symlinkSync(join(project, 'feeds'), join(folder, 'feeds'));
      writeFileSync(
        join(folder, 'bin/scapfeed'),
        `#!/bin/sh\nexec node ${join(project, 'dist/cli.cjs')} "$@"\n`,
        { mode: 0o755 },
      );
      execFileSync('node', [join(project, 'scripts/demo.mjs')], { cwd: folder, stdio: 'ignore' });
    });

    // The tour goes on with what the README's commands left in the folder.
    it.each([...transcripts('README.md'), ...transcripts('docs/tour.md')])(
      '$command',
      ({ command, shown }) => {
        const path = `${join(folder, 'bin')}:${process.env['PATH']}`;
        const env = {
          ...process.env,
          PATH: path,
          XDG_CACHE_HOME: join(folder, 'cache'),
          XDG_DATA_HOME: join(folder, 'data'),
        };
        const { stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8', env });

        const printed = `${stdout}${stderr}`.replace(/\n*$/, '\n');
        expect(printed).toMatch(pattern([...shown].join('\n').trimEnd().split('\n')));
      },
    );
  },
);

const documents = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'examples/README.md'],
  ...readdirSync(join(project, 'docs')).map((name) => `docs/${name}`),
];

/** The names that links give to a document's headings. */
function headingsOf(document: string): string[] {
  const text = readFileSync(join(project, document), 'utf8');
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

describe('documents', () => {
  it('every command that they name exists', () => {
    const known = commands.map(({ name }) => name);
    for (const document of documents) {
      const text = readFileSync(join(project, document), 'utf8');
      const named = [...text.matchAll(/\bscapfeed ([a-z]+)(?= |`|\n)/g)].map(([, name]) => name!);
      const words = ['compiles', 'scan', 'never', 'has', 'reads', 'is'];
      expect(
        named.filter((name) => !known.includes(name) && !words.includes(name)),
        document,
      ).toEqual([]);
    }
  });

  it('every source file that they name is there', () => {
    const files = ['src', 'test'].flatMap((folder) =>
      readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' }).map(
        (file) => `/${folder}/${file}`,
      ),
    );
    for (const document of documents) {
      const text = readFileSync(join(project, document), 'utf8');
      const named = [...text.matchAll(/`((?:src|test)\/[\w./-]+|[\w./-]+\.ts)`/g)].map(([, name]) => name!);
      const gone = named.filter(
        (name) => !files.some((file) => file.endsWith(`/${name.replace(/\/$/, '')}`)),
      );
      expect(gone, document).toEqual([]);
    }
  });

  it('the README lists every command once', () => {
    const text = readFileSync(join(project, 'README.md'), 'utf8');
    const table = text.slice(text.indexOf('\n## Commands'), text.indexOf('\n## Exit codes'));
    const listed = [...table.matchAll(/^\| [^|]+ \| ([^|]+) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([a-z]+)`/g)].map(([, name]) => name!),
    );
    expect(listed.sort()).toEqual(commands.map(({ name }) => name).sort());
  });

  it('every file and heading that they link to is there', () => {
    for (const document of documents) {
      const text = readFileSync(join(project, document), 'utf8');
      for (const [, path = '', heading] of text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)) {
        const target = path === '' ? document : join(dirname(document), path);
        expect(existsSync(join(project, target)), `${document}: ${path}`).toBe(true);
        if (heading !== undefined)
          expect(headingsOf(target), `${document}: ${path}#${heading}`).toContain(heading);
      }
    }
  });
});
