import { describe, expect, it } from 'vitest';
import { logLine } from '../../src/cli/log.ts';
import { ProgressLine } from '../../src/cli/progress-line.ts';
import { StepSpeeds } from '../../src/tasks/step-speed.ts';

describe('what is known of a step', () => {
  const of = (done: number, total?: number, unit = 'documents') => ({
    done,
    unit,
    ...(total !== undefined && { total }),
  });

  it('is its count, its rate and the time left, once there is a rate', () => {
    const steps = new StepSpeeds();
    steps.hear('reading', of(0, 45_000), 0);
    expect(steps.state('reading', 100)).toBe('0 of 45,000 documents');
    steps.hear('reading', of(3000, 45_000), 2000);
    expect(steps.state('reading', 2000)).toBe('3,000 of 45,000 documents  1,500/s  28 s left');
  });

  it('counts bytes in MB, and knows no time left without a total', () => {
    const steps = new StepSpeeds();
    steps.hear('fetching', of(0, 120e6, 'bytes'), 0);
    steps.hear('fetching', of(30e6, 120e6, 'bytes'), 3000);
    expect(steps.state('fetching', 3000)).toBe('30.0 of 120.0 MB  10.0 MB/s  9 s left');
    steps.hear('reading', of(0, undefined, 'bytes'), 3000);
    steps.hear('reading', of(5e6, undefined, 'bytes'), 8000);
    expect(steps.state('reading', 8000)).toBe('5.0 MB  1.0 MB/s');
  });

  it('does not count what was done before as fast', () => {
    const steps = new StepSpeeds();
    steps.hear('fetching', of(900, 1000), 0);
    steps.hear('fetching', of(910, 1000), 10_000);
    expect(steps.state('fetching', 10_000)).toBe(
      '910 of 1,000 documents  1.0/s  90 s left'.replace('90 s', '2 min'),
    );
  });

  it.each([
    [60, '60 s left'],
    [600, '10 min left'],
    [7500, '2 h 5 min left'],
  ])('says %i seconds as %s', (seconds, text) => {
    const steps = new StepSpeeds();
    steps.hear('a', of(0, seconds + 10), 0);
    steps.hear('a', of(10, seconds + 10), 10_000);
    expect(steps.state('a', 10_000)).toMatch(new RegExp(`${text}$`));
  });

  it('is its time too: until the next one begins, or for as long as it is heard of', () => {
    const steps = new StepSpeeds();
    expect(steps.hear('a', undefined, 0)).toBe(true);
    expect(steps.hear('b', undefined, 1000)).toBe(true);
    expect(steps.hear('a', undefined, 1500)).toBe(false);
    expect(steps.times(4000)).toEqual([
      { step: 'a', seconds: 1.5 },
      { step: 'b', seconds: 3 },
    ]);
  });

  it('is kept of a thousand steps, whatever a server brings', () => {
    const steps = new StepSpeeds();
    for (let at = 0; at < 5000; at++) steps.hear(`document ${at}`, undefined, at);
    expect(steps.times(5000)).toHaveLength(1000);
  });
});

describe('the last line of a terminal', () => {
  function line(columns = 20) {
    const size = { columns };
    let written = '';
    const shown = new ProgressLine(
      (text) => {
        written += text;
      },
      () => size.columns,
    );
    const take = () => {
      const text = written;
      written = '';
      return text;
    };
    return { shown, size, take };
  }

  it('is replaced, cut to the width and cleared', () => {
    const { shown, take } = line();
    shown.show('reading a long name of something', 0, false);
    expect(take()).toBe('reading a long name');
    shown.show('done', 200, true);
    expect(take()).toBe('\r\x1b[Kdone');
    shown.clear();
    expect(take()).toBe('\r\x1b[K');
    shown.clear();
    expect(take()).toBe('');
  });

  it('waits for a tenth of a second where only the count changed', () => {
    const { shown, take } = line();
    shown.show('reading 1', 0, false);
    shown.show('reading 2', 50, true);
    expect(take()).toBe('reading 1');
    shown.show('writing', 60, false);
    expect(take()).toBe('\r\x1b[Kwriting');
  });

  it('is erased from all rows into which a narrower window broke it', () => {
    const { shown, size, take } = line(40);
    shown.show('123456789 123456789 123456789', 0, false);
    take();
    size.columns = 10;
    shown.show('next', 200, false);
    expect(take()).toBe('\r\x1b[2A\x1b[Jnext');
  });

  it('does not grow into the next row by wide characters', () => {
    const { shown, take } = line(10);
    shown.show('読み込み中です', 0, false);
    expect(take()).toBe('読み込み');
  });
});

describe('a line of the log', () => {
  const time = new Date('2026-01-30T12:55:00Z');

  it('is JSON with what programs look for', () => {
    const entry = { level: 'error', message: 'no feed here', fields: { code: 'FEED_MISSING' } } as const;
    expect(JSON.parse(logLine('json', time, entry))).toEqual({
      time: '2026-01-30T12:55:00.000Z',
      level: 'error',
      message: 'no feed here',
      code: 'FEED_MISSING',
    });
    expect(logLine('text', time, { ...entry, fields: { where: 'a b' } })).toBe(
      '2026-01-30T12:55:00.000Z error no feed here where="a b"',
    );
  });
});
