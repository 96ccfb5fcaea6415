import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scapfeed } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

test('a person makes keys with a passphrase file of mode 0644, and the remedy that is named helps', () => {
  const folder = temporaryFolder();
  const file = join(folder, 'passphrase');
  writeFileSync(file, 'twelve words that nobody would ever guess\n', { mode: 0o644 });
  chmodSync(file, 0o644);
  const make = () => scapfeed(['keys', 'make', '--keys', join(folder, 'keys'), '--passphrase-file', file]);

  const { code, err } = make();
  expect(code).toBe(2);
  expect(err).toContain('others may read or write the file: its mode is 0644');
  expect(err).toContain('`chmod g-w,o-rwx`');

  chmodSync(file, 0o640);
  expect(make().code).toBe(0);
});
