import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recoverDirectory, stageDirectory } from '../../src/io/staging.ts';
import { temporaryFolder } from '../support/temporary.ts';

function write(directory: string, text: string): void {
  writeFileSync(join(directory, 'manifest.json'), text);
}

const read = (directory: string) => readFileSync(join(directory, 'manifest.json'), 'utf8');

describe('a directory that is replaced as a whole', () => {
  it('is the old one until commit, and the new one after', () => {
    const folder = temporaryFolder();
    const target = join(folder, 'out');
    const first = stageDirectory(target);
    write(first.path, 'first');
    first.commit();

    const second = stageDirectory(target);
    write(second.path, 'second');
    expect(read(target)).toBe('first');
    second.commit();

    expect(read(target)).toBe('second');
    expect(readdirSync(folder)).toEqual(['out']);
  });

  it('is left alone by a build that failed', () => {
    const folder = temporaryFolder();
    const target = join(folder, 'out');
    const first = stageDirectory(target);
    write(first.path, 'first');
    first.commit();

    stageDirectory(target).discard();

    expect(read(target)).toBe('first');
    expect(readdirSync(folder)).toEqual(['out']);
  });

  it('comes back after a kill between the two renames', () => {
    const folder = temporaryFolder();
    const target = join(folder, 'out');
    mkdirSync(target);
    write(target, 'first');
    renameSync(target, join(folder, '.out.previous'));

    recoverDirectory(target);

    expect(read(target)).toBe('first');
  });

  it('is cleared of what killed builds left, but not of what a running one writes', () => {
    const folder = temporaryFolder();
    // No process has this number: the kernel's largest pid is below 2^22.
    mkdirSync(join(folder, '.out.staging-4194305'));
    mkdirSync(join(folder, `.out.staging-${process.ppid}`));

    stageDirectory(join(folder, 'out')).discard();

    expect(existsSync(join(folder, '.out.staging-4194305'))).toBe(false);
    expect(existsSync(join(folder, `.out.staging-${process.ppid}`))).toBe(true);
  });

  it('is refused when it holds something else than a feed', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'thesis.tex'), '');

    expect(() => stageDirectory(folder)).toThrow(
      expect.objectContaining({ code: 'OUTPUT_NOT_WRITABLE', where: folder }),
    );
  });
});
