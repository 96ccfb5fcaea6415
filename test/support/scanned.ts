import { expect } from 'vitest';
import { type CliResult, scapfeed } from './cli.ts';

/** The JSON that a scan prints, of data of any age, with its exit code and messages. */
export function scanned<Result extends object>(
  reference: string,
  feed: string,
  ...more: readonly string[]
): Result & Pick<CliResult, 'code' | 'err'> {
  const { code, out, err } = scapfeed([
    ...['scan', reference, '--feed', feed, '--max-age', '0', '-o', 'json', ...more],
  ]);
  expect(out, err).not.toBe('');
  return { ...(JSON.parse(out) as Result), code, err };
}
