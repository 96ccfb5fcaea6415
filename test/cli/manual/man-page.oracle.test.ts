import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { commands } from '../../../src/cli/commands/index.ts';
import { allOptions } from '../../../src/cli/common-options.ts';
import { mainManPage, manPage } from '../../../src/cli/manual/man-page.ts';
import { readPages } from '../../../src/cli/manual/pages.ts';
import { variableOf } from '../../../src/cli/settings.ts';
import { scapfeed } from '../../support/cli.ts';
import { hasOracle } from '../../support/oracles.ts';

const pages = (await readPages(commands)).map((page) => ({ ...page, text: manPage(page, '1.2.3') }));
const main = mainManPage(commands, '1.2.3');

/** As a reader sees it, without bold and underlined letters. */
function shown(text: string, width = '200'): { out: string; err: string } {
  const env = { ...process.env, MANWIDTH: width, MAN_KEEP_FORMATTING: '', LC_ALL: 'C.UTF-8' };
  const { stdout, stderr } = spawnSync('man', ['--warnings', '-l', '-'], {
    input: text,
    env,
    encoding: 'utf8',
  });
  return { out: stdout.replace(/.\x08/g, ''), err: stderr };
}

describe.skipIf(!hasOracle('man'))('man', () => {
  it.each(pages)('shows the page of $command.name with every option and example', ({ command, text }) => {
    const { out, err } = shown(text);
    expect(err).toBe('');
    for (const [name, { metavar, variable }] of allOptions(command)) {
      expect(out).toContain(`--${name} ${metavar}`.trim());
      expect(out).toContain(variableOf(name, variable === 'nobody' ? command.name : ''));
    }
    for (const example of command.examples) expect(out).toContain(example.slice(0, 60));
    for (const line of (command.about ?? '').split('\n').filter((one) => one.startsWith(' '))) {
      expect(out).toContain(line.trim());
    }
  });

  it('shows the main page with every command', () => {
    const { out, err } = shown(main);
    expect(err).toBe('');
    for (const { name, summary } of commands) {
      expect(out).toContain(`scapfeed-${name}(1)`);
      expect(out).toContain(summary);
    }
  });
});

describe.skipIf(!hasOracle('mandoc'))('mandoc', () => {
  it('finds nothing but that there is no date', () => {
    for (const text of [main, ...pages.map((page) => page.text)]) {
      const { stdout } = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning'], {
        input: text,
        encoding: 'utf8',
      });
      expect(stdout.split('\n').filter((line) => line !== '' && !line.includes('missing date'))).toEqual([]);
    }
  });
});

describe('scapfeed help', () => {
  it('prints the help of a command where nobody watches, and the overview without one', () => {
    expect(scapfeed(['help', 'scan']).out).toBe(scapfeed(['scan', '--help']).out);
    expect(scapfeed(['help']).out).toBe(scapfeed(['--help']).out);
  });

  it('names the nearest command for one that there is not', () => {
    const { code, err } = scapfeed(['help', 'scam']);
    expect(code).toBe(2);
    expect(err).toContain('scan');
  });

  // Each is loaded in another way.
  it.each(['scan', 'eval', 'signed', 'build'])('writes the page of %s for man', (name) => {
    expect(scapfeed(['help', name, '--man']).out).toMatch(/^\.TH "SCAPFEED\\-[A-Z]+" 1 /);
  });
});
