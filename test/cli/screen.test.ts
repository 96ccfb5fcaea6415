import { describe, expect, it } from 'vitest';
import { screenOf } from '../../src/cli/screen.ts';
import { columnsOf } from '../../src/report/columns.ts';
import { folded } from '../../src/report/folded.ts';
import { coloured, linked } from '../../src/report/styled.ts';

const terminal = { columns: 100, rows: 30 };

describe('what a terminal shows', () => {
  it.each([
    ['a pipe: no width, no colours', {}, undefined, { color: false, links: false }],
    ['a terminal', {}, terminal, { color: true, links: false, columns: 100, rows: 30 }],
    ['one that does not know its size', {}, {}, { color: true, links: false, columns: 80, rows: 24 }],
    ['a dumb one', { TERM: 'dumb' }, terminal, { color: false, links: false, columns: 100 }],
    ['NO_COLOR', { NO_COLOR: '1' }, terminal, { color: false, columns: 100 }],
    ['an empty NO_COLOR is none', { NO_COLOR: '' }, terminal, { color: true }],
    ['FORCE_COLOR in a pipe', { FORCE_COLOR: '1' }, undefined, { color: true, links: false }],
    ['FORCE_COLOR is stronger', { FORCE_COLOR: '1', NO_COLOR: '1' }, undefined, { color: true }],
    ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, terminal, { color: false }],
    ['COLUMNS is stronger than the terminal', { COLUMNS: '60' }, terminal, { columns: 60 }],
    ['COLUMNS in a pipe', { COLUMNS: '60' }, undefined, { columns: 60 }],
    ['COLUMNS that is no number', { COLUMNS: 'wide' }, terminal, { columns: 100 }],
    ['COLUMNS=1', { COLUMNS: '1' }, undefined, { columns: 20 }],
    ['links of GNOME', { VTE_VERSION: '7003' }, terminal, { links: true }],
    ['an old one', { VTE_VERSION: '4205' }, terminal, { links: false }],
    ['links of iTerm', { TERM_PROGRAM: 'iTerm.app' }, terminal, { links: true }],
    ['links of kitty', { TERM: 'xterm-kitty' }, terminal, { links: true }],
    ['kitty within tmux', { TERM: 'tmux-256color', TERM_PROGRAM: 'WezTerm' }, terminal, { links: false }],
    ['no links in a pipe', { VTE_VERSION: '7003' }, undefined, { links: false }],
    ['FORCE_HYPERLINK', { FORCE_HYPERLINK: '1' }, undefined, { links: true }],
  ])('%s', (_, env, size, screen) => {
    expect(screenOf(env, size)).toMatchObject(screen);
  });

  it("a CI system's terminal has no pager, nor has a dumb one or a pipe", () => {
    expect(screenOf({ CI: 'true' }, terminal).rows).toBeUndefined();
    expect(screenOf({ TERM: 'dumb' }, terminal).rows).toBeUndefined();
    expect(screenOf({}, undefined).rows).toBeUndefined();
  });
});

describe('lines that are wider than the screen', () => {
  it('are broken between words, what follows indented', () => {
    expect(folded('one two three\nfour\n', 8)).toBe('one two\n  three\nfour\n');
    expect(folded('  one two three', 9)).toBe('  one two\n    three');
  });

  it('keep a word that is too long, and the gaps of a row', () => {
    expect(folded('a verylongword b', 6)).toBe('a\n  verylongword\n  b');
    expect(folded('name      1.0  amd64', 16)).toBe('name      1.0\n  amd64');
  });

  it('are measured as they are seen: wide characters, colours, links', () => {
    expect(folded('日本 日本 日本', 9)).toBe('日本 日本\n  日本');
    const text = `${coloured('red', 31)} ${linked('blue', 'https://example.test/x')}`;
    expect(folded(text, 8)).toBe(text);
    for (const line of folded('日本語 '.repeat(40).trim(), 31).split('\n'))
      expect(columnsOf(line)).toBeLessThanOrEqual(31);
  });
});

describe('a link', () => {
  it('is a text with an address', () => {
    expect(linked('CVE-2024-1', 'https://example.test/CVE-2024-1')).toBe(
      '\x1b]8;;https://example.test/CVE-2024-1\x1b\\CVE-2024-1\x1b]8;;\x1b\\',
    );
  });

  it.each([
    'https://example.test/\x1b\\forged',
    'https://example.test/\x07',
    'https://example.test/a b',
    'https://example.test/\u202e',
    'https://user@example.test/',
    'http://example.test/',
    'javascript:alert(1)',
    'file:///etc/passwd',
  ])('%j is no address for one', (address) => {
    expect(linked('text', address)).toBe('text');
  });
});
