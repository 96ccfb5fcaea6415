import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { crc32 as ofNode } from 'node:zlib';
import { build } from 'esbuild';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../src/io/crc32.ts';
import { temporaryFolder } from '../support/temporary.ts';

const program = `
import { crc32 } from './src/io/crc32.ts';
import { setV8Flags } from './src/io/v8-flags.ts';
setV8Flags('--no-opt');
console.log(crc32('scapfeed'), crc32(Buffer.from('scapfeed')), process.noDeprecation);
`;

describe('crc32', () => {
  it("is Node's", () => {
    const data = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.uint8Array({ maxLength: 40 }));
    fc.assert(
      fc.property(data, (bytes) => {
        expect(crc32(bytes)).toBe(ofNode(bytes));
      }),
    );
  });

  it.each([
    ['as it is', [], {}],
    ['with an option', ['--pending-deprecation'], {}],
    ['with one in the environment', [], { NODE_PENDING_DEPRECATION: '1' }],
    ['with options in the environment', [], { NODE_OPTIONS: '--pending-deprecation --throw-deprecation' }],
    ['where deprecations are errors', ['--throw-deprecation'], {}],
  ])('and the flags of V8 warn of nothing, under Node %s', async (_, options, env) => {
    const outfile = join(temporaryFolder(), 'program.cjs');
    await build({
      stdin: { contents: program, resolveDir: join(import.meta.dirname, '../..') },
      ...{ bundle: true, platform: 'node', format: 'cjs', outfile, logLevel: 'silent' },
    });
    const { PATH = '' } = process.env;
    const out = execFileSync(process.execPath, [...options, outfile], {
      encoding: 'utf8',
      env: { PATH, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    expect(out).toBe(`${ofNode('scapfeed')} ${ofNode('scapfeed')} undefined\n`);
  });
});
