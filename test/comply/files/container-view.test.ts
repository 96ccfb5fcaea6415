import { describe, expect, it } from 'vitest';
import { asContainer } from '../../../src/comply/files/container-view.ts';
import { comply } from '../../../src/comply/index.ts';
import { memoryView } from '../../support/memory-view.ts';
import { benchmark, fileCheck, rule, smallContent } from '../support/small-content.ts';

describe('asContainer', () => {
  it.each([
    ['has no /run', { '/etc/os-release': 'x' }, ['etc', 'run'], ['.containerenv']],
    ['has one', { '/run/lock/x': '' }, ['run'], ['.containerenv', 'lock']],
  ])('an image that %s has the mark', (_, layer, root, run) => {
    const view = asContainer(memoryView(layer));
    expect([view.list('/'), view.list('/run')]).toEqual([root, run]);
    expect(view.stat('/run')?.type).toBe('directory');
    expect(view.stat('/run/.containerenv', false)).toMatchObject({ type: 'file', size: 0, uid: 0 });
    expect(view.open('/run/.containerenv')?.size).toBe(0);
    expect(view.read('/run/.containerenv')).toHaveLength(0);
  });

  it.each(['/run/.containerenv', '/.dockerenv'])('leaves a file system that has %s', (mark) => {
    const files = memoryView({ [mark]: 'engine="podman"\n' });
    expect(asContainer(files)).toBe(files);
  });

  it('leaves all else as it is', () => {
    const files = memoryView({ '/etc/x': 'text', '/etc/link': { link: 'x' } });
    const view = asContainer(files);
    expect(view.read('/etc/link')?.toString()).toBe('text');
    expect(view.stat('/etc/link', false)).toEqual(files.stat('/etc/link', false));
    expect(view.list('/etc')).toEqual(['link', 'x']);
    expect(view.stat('/gone')).toBeUndefined();
  });

  it('decides what content asks of a container', () => {
    const content = smallContent(benchmark(rule('in_container')), fileCheck('/run/.containerenv'));
    const judged = (files: ReturnType<typeof memoryView>) =>
      comply(
        content,
        { files, env: [], packages: () => [] },
        { image: { reference: 'x' }, time: '2026-01-01T00:00:00.000Z', now: 0, toolVersion: '0' },
      ).result.counts;
    const files = memoryView({ '/etc/x': 'text' });
    expect([judged(files), judged(asContainer(files))]).toEqual([{ fail: 1 }, { pass: 1 }]);
  });
});
