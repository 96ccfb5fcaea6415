import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runHere } from '../support/command.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** Nobody listens there: whatever asks a registry ends with an error of the network. */
const env = { HTTPS_PROXY: 'http://127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9' };

describe('an image that is nowhere', () => {
  it('is looked for in a registry if its name is a plain word, and the error says that it is no file either', async () => {
    const { code, err } = await runHere(['inventory', 'broken-word'], env);
    expect(code).toBe(2);
    expect(err).toMatch(/no such file: broken-word; and as an image: .*\[IMAGE_UNREACHABLE\]/);
    expect(err).toContain('docker.io');
  });

  it.each(['./x', '../x', '/x', 'x.tar', 'x.json', 'x/', '~/x', './x:1', 'a/x.tar.gz', 'x.spdx.json'])(
    'is not looked for in a registry if it is a path: %s',
    async (path) => {
      const { code, err } = await runHere(['inventory', path], env);
      expect(code).toBe(2);
      expect(err).toMatch(/no such file: .*\[IMAGE_NOT_FOUND\]/);
    },
  );

  it('a name with a tag is an image, and nothing else', async () => {
    expect((await runHere(['inventory', 'alpine:3.19'], env)).err).not.toContain('no such file');
  });
});

it('a tar of 179 bytes of bzip2 that makes 100 MB is refused', async () => {
  const file = join(temporaryFolder(), 'x.tar.bz2');
  writeFileSync(
    file,
    Buffer.from(
      'QlpoOTFBWSZTWTPeSBgFfj9bgMiAQADfgAAIcKAeQAAIIAB1CSmRPUA2oAEVRpkAAZqdUIRQBVUSQAICqomnt1J3Y3zAEAkkkIoqfZOJ8GAl0XcmbxW1mmGrEi3da1iItmKgCqon5igrJMprIcE8W+Ar8cgAGAAAAQQABhAJqMhUBLUhUBLmKCskymsnI/Z94AfbeABYAABAAAEEAAYZgTVNMIiDaqhEHi7kinChIdTqrGI=',
      'base64',
    ),
  );
  const { code, err } = await runHere(['inventory', file]);
  expect(code).toBe(2);
  expect(err).toMatch(
    /expected at most 16821966 bytes from 179 of bzip2, found more \[IMAGE_LIMIT_EXCEEDED\]/,
  );
});

it('fleet import of an image says how an image comes into a fleet', async () => {
  const { code, err } = await runHere(['fleet', 'import', 'dir:/nowhere']);
  expect(code).toBe(2);
  expect(err).toContain('next: an image is added with `scapfeed fleet add dir:/nowhere`');
});
