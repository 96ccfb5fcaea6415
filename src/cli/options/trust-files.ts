import { basename } from 'node:path';
import { isTrustFileName } from '../../publish/site/trust-file-name.ts';
import { maxTrustFileBytes } from '../../publish/site/trust-files.ts';
import { requireTrustFile } from '../../signatures/index.ts';
import { readTrustedFile } from '../../signatures/trusted-file.ts';
import { usage } from '../../tasks/given-words.ts';

/**
 * The files of `publish --trust` by name. What clients could not use is not published.
 * @throws {ScapfeedError} USAGE, TRUST_ROOT_MISSING, TRUST_ROOT_INVALID, TRUST_POLICY_INVALID
 */
export async function readTrustFiles(paths: readonly string[]): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const path of paths) {
    const name = basename(path);
    if (!isTrustFileName(name)) {
      throw usage(
        'publish',
        `--trust: ${name} cannot be the name of a target`,
        'use letters, digits, . _ and -',
      );
    }
    if (files.has(name)) throw usage('publish', `--trust: two files are named ${name}`, 'rename one of them');
    const bytes = readTrustedFile(path);
    if (bytes.length > maxTrustFileBytes) {
      throw usage(
        'publish',
        `--trust: ${path} has more than ${maxTrustFileBytes} bytes`,
        'specify a smaller file',
      );
    }
    await requireTrustFile(bytes, path);
    files.set(name, bytes);
  }
  return files;
}
