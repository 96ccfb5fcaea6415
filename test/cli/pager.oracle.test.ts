import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { columnsOf } from '../../src/report/columns.ts';
import { sampleScan } from '../report/scan/support/sample-scan.ts';
import { project, scapfeed } from '../support/cli.ts';
import { hasOracle } from '../support/oracles.ts';
import { onTerminal } from '../support/pseudo-terminal.ts';
import { temporaryFolder } from '../support/temporary.ts';

const sample = sampleScan();
const command = `"${process.execPath}" "${join(project, 'dist/cli.cjs')}"`;
const scan = `${command} scan "${sample.image}" --feed "${sample.feed}" --max-age 0`;
const styles = /\x1b\[[\d;?]*[A-Za-z=>]|\x1b[=>]|\x1b\]8;;[^\x1b]*\x1b\\|\r/g;
/** The prompt of less while it waits for a key. */
const prompt = /:\x1b\[K$/;
const small = { rows: 5 };

describe.skipIf(!hasOracle('script', 'less'))('on a real terminal', () => {
  it.each([40, 60, 80, 132])('a table of %i columns has no wider line', async (columns) => {
    for (const args of ['--all', '--by package', '--sort package']) {
      const { screen, code } = await onTerminal(`${scan} --no-pager ${args}`, { columns });
      const wide = screen
        .replace(/^[^\n]*\r\x1b\[K/, '')
        .replaceAll(styles, '')
        .split('\n')
        .filter((line) => columnsOf(line) > columns && line.trim().includes(' '));
      expect(wide.filter((line) => !line.includes(sample.image) && !line.includes(sample.feed))).toEqual([]);
      expect(code).toBe(0);
    }
  });

  it('has colours, and none with NO_COLOR', async () => {
    expect((await onTerminal(`${scan} --no-pager`)).screen).toContain('\x1b[35mcritical');
    expect((await onTerminal(`${scan} --no-pager`, { NO_COLOR: '1' })).screen).not.toContain('\x1b[35m');
  });

  it('vulnerabilities are links where the terminal has them', async () => {
    const { screen } = await onTerminal(`${scan} --no-pager`, { VTE_VERSION: '7003' });
    expect(screen).toContain(
      '\x1b]8;;https://security-tracker.debian.org/tracker/CVE-2023-0286\x1b\\CVE-2023-0286\x1b]8;;\x1b\\   \x1b[31mhigh',
    );
    expect((await onTerminal(`${scan} --no-pager`)).screen).not.toContain('\x1b]8;');
  });

  it('less shows what is longer than the screen, and leaves the exit code alone', async () => {
    const { screen, code } = await onTerminal(`${scan} --fail-on high --allow-unrated`, small, {
      prompt,
      keys: ['q'],
    });
    expect(screen).toMatch(/\n:\x1b\[K/);
    expect(screen).not.toContain('packages judged');
    expect(screen).toContain('policy: 2 flaws at or above --fail-on');
    expect(code).toBe(1);
  });

  it('Ctrl-C is for the pager', async () => {
    const { screen, code } = await onTerminal(`${scan} --fail-on high --allow-unrated`, small, {
      prompt,
      keys: ['\x03', 'q'],
    });
    expect(screen).toContain('policy: 2 flaws at or above --fail-on');
    expect(code).toBe(1);
  });

  it('what fits on the screen needs no pager', async () => {
    const { screen, code } = await onTerminal(scan, { rows: 60, PAGER: 'echo paged' });
    expect(screen).toContain('packages judged');
    expect(screen).not.toContain('paged');
    expect(code).toBe(0);
  });

  it.each([
    ['--no-pager', { PAGER: 'echo paged' }, '--no-pager'],
    ['NO_PAGER', { PAGER: 'echo paged', NO_PAGER: '1' }, ''],
    ['an empty PAGER', { PAGER: '' }, ''],
    ['PAGER=cat', { PAGER: 'cat' }, ''],
    ['a pager that is not there', { PAGER: 'no-such-pager' }, ''],
    ['a dumb terminal', { PAGER: 'echo paged', TERM: 'dumb' }, ''],
    ['a CI system', { PAGER: 'echo paged', CI: 'true' }, ''],
    ['SCAPFEED_PAGER is stronger', { PAGER: 'echo paged', SCAPFEED_PAGER: 'cat' }, ''],
  ])('%s: the table is there as it is', async (_, env, option) => {
    const { screen, code } = await onTerminal(`${scan} --fail-on high --allow-unrated ${option}`, {
      ...small,
      ...env,
    });
    expect(screen).toContain('packages judged');
    expect(screen).not.toMatch(/^paged/m);
    expect(code).toBe(1);
  });

  it.each(['head -n 1', 'true', 'false', 'kill -9 $$'])(
    'a pager that ends early is no error: %s',
    async (pager) => {
      const { screen, code } = await onTerminal(`${scan} --fail-on high --allow-unrated`, {
        ...small,
        PAGER: pager,
      });
      expect(screen).not.toContain('packages judged');
      expect(screen).not.toMatch(/EPIPE|internal/);
      expect(code).toBe(1);
    },
  );

  it('a pager gets the colours and, as few know them, no links', async () => {
    const file = join(temporaryFolder(), 'paged');
    await onTerminal(scan, { ...small, VTE_VERSION: '7003', PAGER: `cat > '${file}'` });
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('\x1b[35mcritical');
    expect(text).not.toContain('\x1b]8;');
  });

  it('other commands have it too', async () => {
    const file = join(temporaryFolder(), 'paged');
    const inventory = `${command} inventory "${sample.image}"`;
    await onTerminal(inventory, { ...small, PAGER: `cat > '${file}'` });
    expect(readFileSync(file, 'utf8')).toContain('libssl3');
  });

  it('a document and a pipe have none', async () => {
    const file = join(temporaryFolder(), 'paged');
    await onTerminal(`${scan} -o json`, { ...small, PAGER: `cat > '${file}'` });
    await onTerminal(`${scan} | cat`, { ...small, PAGER: `cat > '${file}'` });
    expect(existsSync(file)).toBe(false);
  });
});

describe('in a pipe', () => {
  it('FORCE_COLOR gives colours', () => {
    const args = ['scan', sample.image, '--feed', sample.feed, '--max-age', '0'];
    expect(scapfeed(args, { FORCE_COLOR: '1' }).out).toContain('\x1b[35mcritical');
    expect(scapfeed(args).out).not.toContain('\x1b');
  });

  it('rows have 80 columns, or as many as COLUMNS says', () => {
    const rows = sample.scan('--all').out.match(/^(?:CVE-| {16}).*/gm)!;
    expect(Math.max(...rows.map(columnsOf))).toBeLessThanOrEqual(80);
    const args = ['scan', sample.image, '--feed', sample.feed, '--max-age', '0'];
    const narrow = scapfeed(args, { COLUMNS: '50' })
      .out.split('\n')
      .filter((line) => !line.includes(sample.image) && !line.includes(sample.feed));
    expect(Math.max(...narrow.map(columnsOf))).toBeLessThanOrEqual(50);
  });
});
