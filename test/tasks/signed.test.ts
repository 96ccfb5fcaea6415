import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { checkSignatures, comply, verifyFiles } from '../../src/library/index.ts';
import { workshop } from '../library/support/workshop.ts';
import { byCommand, byLibrary, now, type Told } from './support/faces.ts';

let folder: string;
const at = (path: string) => join(folder, path);
const theirs = (...args: string[]): Told => byCommand(folder, ...args);

beforeAll(() => {
  folder = workshop();
}, 120_000);

it('checkSignatures is signed, and its gate is that of the other functions', async () => {
  const [code] = theirs('signed', 'oci:layout:1', '--key', 'cosign.pub');
  const { gate, policy } = await checkSignatures(`oci:${at('layout')}:1`, { keys: [at('cosign.pub')] });
  expect([code, policy.exitCode, policy.reasons]).toEqual([4, 4, ['not signed: no signature was found']]);
  const command = theirs('verify', 'oci:layout:1', '--signed-by', 'cosign.pub', '--fail-on', 'any');
  expect(command[0]).toBe(4);
  const place = `oci:${at('layout')}:1`;
  expect(byLibrary(await verifyFiles(place, { failOn: ['any'], signed: gate }))).toEqual(command);
  const asked = ['--content', 'benchmark.xml', '--profile', 'standard', '--fail-on', 'any'];
  const rules = theirs('comply', 'oci:layout:1', ...asked, '--signed-by', 'cosign.pub');
  const content = { file: at('benchmark.xml') };
  const found = await comply(place, { content, profile: 'standard', failOn: 'any', now, signed: gate });
  expect(byLibrary(found)).toEqual(rules);
});
