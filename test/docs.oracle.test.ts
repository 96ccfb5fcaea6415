import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseCommand } from '../src/cli/command.ts';
import { commands } from '../src/cli/commands/index.ts';
import { compiledOnce, project, scapfeed } from './support/cli.ts';
import { hasOracle, hasSecurityGuide } from './support/oracles.ts';
import { temporaryFolder } from './support/temporary.ts';
import { pattern, transcripts } from './support/transcripts.ts';

const pages = readdirSync(join(project, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`)
  .sort();
const others = pages.filter((page) => page !== 'docs/tour.md');

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

    // The pages go on with what the demo and the README's commands left in the folder.
    it.each(['README.md', 'docs/tour.md', ...others].flatMap((page) => transcripts(page)))(
      '$command',
      ({ command, shown }) => {
        const own = {
          ...withoutSteps(shown),
          XDG_CACHE_HOME: join(folder, 'cache'),
          XDG_DATA_HOME: join(folder, 'data'),
        };
        const words = shown.some((line) => line.startsWith('wrote ')) ? undefined : plainWords(command);
        if (words !== undefined) {
          const { out, err } = scapfeed(words, own, folder);
          expect(`${out}${err}`.replace(/\n*$/, '\n')).toMatch(expected(shown));
          return;
        }
        const path = `${join(folder, 'bin')}:${process.env['PATH']}`;
        const env = {
          ...process.env,
          ...compiledOnce,
          PATH: path,
          ...own,
        };
        // In the order of a terminal, where a page shows what a shell says after the command.
        const line = command.includes('; echo ') ? `exec 2>&1; ${command}` : command;
        const { stdout, stderr } = spawnSync('sh', ['-c', line], { cwd: folder, encoding: 'utf8', env });

        const printed = `${stdout}${stderr}`.replace(/\n*$/, '\n');
        expect(printed).toMatch(expected(shown));
      },
    );

    it('the program of the README runs, from its folder', () => {
      const [, code = ''] = /^```js\n([\s\S]*?)^```$/m.exec(
        readFileSync(join(project, 'README.md'), 'utf8'),
      )!;
      mkdirSync(join(folder, 'node_modules'));
      symlinkSync(project, join(folder, 'node_modules/scapfeed'));
      const argv = ['--input-type=module', '--eval', code];
      const printed = execFileSync('node', argv, { cwd: folder, encoding: 'utf8' });
      expect(printed).toBe('46 verdicts 0 gaps\n');
    });
  },
);

function expected(shown: readonly string[]): RegExp {
  return pattern(shown.join('\n').trimEnd().split('\n'));
}

/** Arguments of a line that runs the command and has nothing for a shell to do; undefined: a shell reads it. */
function plainWords(line: string): string[] | undefined {
  if (!/^scapfeed(?: (?:[\w./:=,@%+-]+|'[^']*'))*$/.test(line)) return undefined;
  return [...line.matchAll(/ (?:'([^']*)'|(\S+))/g)].map(([, quoted, word]) => quoted ?? word!);
}

/** On a terminal, no line of a step stays. */
function withoutSteps(shown: readonly string[]): Record<string, string> {
  if (shown.some((line) => line.startsWith('wrote '))) return {};
  const long = ['BUILD', 'PUBLISH', 'PULL', 'BUNDLE', 'EXPORT', 'FLEET_RUN'];
  return Object.fromEntries(long.map((name) => [`SCAPFEED_${name}_QUIET`, '1']));
}

const documents = [
  ...[
    'README.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'CODE_OF_CONDUCT.md',
    'examples/README.md',
  ],
  ...pages,
];

const { scripts } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

function tableAfter(text: string, heading: string): string[] {
  const lines = text.slice(text.indexOf(heading)).split('\n');
  const from = lines.findIndex((line) => line.startsWith('|'));
  const length = lines.slice(from).findIndex((line) => !line.startsWith('|'));
  return lines.slice(from, length < 0 ? undefined : from + length);
}

interface Line {
  line: string;
  /** In running text a command may be named without its operands and values. */
  isText: boolean;
}

/** Lines of blocks without a language, of `console` and `sh`, and spans that begin with `scapfeed`: what a reader types. */
function commandLines(text: string): Line[] {
  const blocks = [...text.matchAll(/^```(?:sh|console)?\n([\s\S]*?)^```$/gm)].flatMap(([, block]) =>
    block!.replaceAll('\\\n', ' ').split('\n'),
  );
  const prose = text.replace(/^```[\s\S]*?^```$/gm, '');
  const spans = [...prose.matchAll(/`(scapfeed [^`]+)`/g)].map(([, span]) => span!);
  return [
    ...blocks.flatMap((line) => commandsOf(line, false)),
    ...spans.flatMap((span) => commandsOf(span, true)),
  ];
}

function commandsOf(text: string, isText: boolean): Line[] {
  return (
    text
      .replace(/\s+#.*$/, '')
      .split(/\s*(?:&&|\|\||;|\\?\|)\s*/)
      .map((part) => part.replace(/^\$ /, '').replace(/^(?:\w+=(?:'[^']*'|\S*) )+/, ''))
      // Where a shell sends the output is not the command's.
      .map((part) => part.replace(/\s+(?:[12]?>>?|<)\s*[^\s'"]+/g, '').replace(/\s+&$/, ''))
      .filter((part) => part.startsWith('scapfeed '))
      .map((line) => ({ line, isText }))
  );
}

/** The command's error for a line; undefined: it accepts it, or the line shows a form, not a command. */
async function faultOf({ line, isText }: Line): Promise<string | undefined> {
  const words = [...line.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g)].map(([word]) =>
    word.replace(/['"]/g, ''),
  );
  const [, first = '', ...argv] = words;
  const hasForm = /[[\]…]|\.\.\.|[A-Z]+\|[A-Z]+/.test(line);
  let entry = commands.find(({ name }) => name === first);
  if (entry === undefined || hasForm) return undefined;
  const sub = entry.subcommands?.find(({ name }) => name === `${first} ${argv[0]}`);
  if (sub !== undefined) {
    entry = sub;
    argv.shift();
  }
  const options = argv.filter((word) => word.startsWith('-'));
  if (options.length === 0) return undefined;
  try {
    parseCommand({ ...(await entry.load()), name: entry.name }, argv);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return isText && /expected|argument missing/.test(message) ? undefined : message;
  }
}

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
      const lines = commandLines(readFileSync(join(project, document), 'utf8'));
      const named = lines.flatMap(({ line }) => /^scapfeed ([a-z]+)(?= |$)/.exec(line)?.[1] ?? []);
      expect(
        named.filter((name) => !known.includes(name)),
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

  it('every command line in them has options and words that its command takes', async () => {
    const wrong: string[] = [];
    for (const document of documents) {
      for (const line of commandLines(readFileSync(join(project, document), 'utf8'))) {
        const fault = await faultOf(line);
        if (fault !== undefined) wrong.push(`${document}: ${line.line}: ${fault}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('the README has 200 lines at most', () => {
    expect(readFileSync(join(project, 'README.md'), 'utf8').split('\n').length - 1).toBeLessThanOrEqual(200);
  });

  it('the table of the README that compares is that of docs/comparison.md, with a test or a source for each cell', () => {
    const readme = readFileSync(join(project, 'README.md'), 'utf8');
    const page = readFileSync(join(project, 'docs/comparison.md'), 'utf8');
    const cells = (line: string) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
    const [heads = [], , ...rows] = tableAfter(readme, '## How it compares').map(cells);
    expect(rows.length).toBeGreaterThan(10);
    for (const [title = '', ...answers] of rows) {
      const [, , ...sources] = tableAfter(page, `## ${title}\n`).map(cells);
      expect(
        sources.map(([program]) => program),
        title,
      ).toEqual(heads.slice(1));
      expect(
        sources.map(([, answer]) => answer),
        title,
      ).toEqual(answers);
      for (const [, , source = ''] of sources) {
        expect(source.length, title).toBeGreaterThan(10);
        for (const [, path = ''] of source.matchAll(/`((?:test|docs)\/[^`]+)`/g))
          expect(existsSync(join(project, path)), path).toBe(true);
        for (const [, script = ''] of source.matchAll(/npm run ([\w:]+)/g))
          expect(Object.keys(scripts), script).toContain(script);
      }
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
