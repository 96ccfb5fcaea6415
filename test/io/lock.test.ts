import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { takeLock } from '../../src/io/lock.ts';
import { temporaryFolder } from '../support/temporary.ts';

const place = () => join(temporaryFolder('lock'), 'folder', '.lock');
const written = (path: string, holder: object, ago = 0) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(holder));
  const time = Date.now() / 1000 - ago;
  utimesSync(path, time, time);
};
const elsewhere = { pid: 1, host: `not-${hostname()}`, start: '7' };
const locked = expect.objectContaining({ code: 'FEED_LOCKED' }) as Error;

afterEach(() => {
  vi.useRealTimers();
});

it('is taken once, and again when it is given back', () => {
  const path = place();
  const release = takeLock(path);
  expect(() => takeLock(path)).toThrow(locked);
  release();
  expect(existsSync(path)).toBe(false);
  takeLock(path)();
});

it('leaves no folder that was made for it, unless others are in it', () => {
  const above = temporaryFolder('lock');
  const path = join(above, 'a', 'b', '.lock');
  takeLock(path)();
  expect(readdirSync(above)).toEqual([]);

  const release = takeLock(path);
  writeFileSync(join(above, 'a', 'theirs'), '');
  release();
  expect(readdirSync(join(above, 'a'))).toEqual(['theirs']);
  takeLock(join(above, 'a', '.lock'))();
  expect(readdirSync(join(above, 'a'))).toEqual(['theirs']);
});

it('of a process that is gone, or of an earlier one with its number, does not hold', () => {
  for (const holder of [
    { pid: 2 ** 22 + 1, host: hostname(), start: '1' },
    { pid: process.pid, host: hostname(), start: '1' },
  ]) {
    const path = place();
    written(path, holder);
    takeLock(path)();
    expect(existsSync(path)).toBe(false);
  }
});

it('that was cut while it was written does not hold', () => {
  const path = place();
  written(path, {});
  writeFileSync(path, '{"pid":');
  takeLock(path)();
});

it('of another machine holds; one that beats only until it has been silent for long', () => {
  const path = place();
  written(path, elsewhere, 3600);
  expect(() => takeLock(path)).toThrow(locked);
  written(place(), elsewhere);
  takeLock(path, { beats: true })();
  written(path, elsewhere, 60);
  expect(() => takeLock(path, { beats: true })).toThrow(locked);
});

it('beats, can be read all the time, and is not given back twice', () => {
  vi.useFakeTimers();
  const path = place();
  const release = takeLock(path, { beats: true });
  const before = readFileSync(path, 'utf8');
  vi.advanceTimersByTime(100_000);
  expect(readFileSync(path, 'utf8')).toBe(`${before}   `);
  expect(() => takeLock(path, { beats: true })).toThrow(locked);
  writeFileSync(path, JSON.stringify(elsewhere));
  vi.advanceTimersByTime(100_000);
  release();
  expect(readFileSync(path, 'utf8')).toBe(JSON.stringify(elsewhere));
});
