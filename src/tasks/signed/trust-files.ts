import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ScapfeedError } from '../../model/error.ts';
import { isGuarded } from '../../publish/private-folder.ts';
import { isTrustFileName } from '../../publish/site/trust-file-name.ts';
import { readOwnPolicy, readSigningPolicy, type SigningPolicy } from '../../signatures/index.ts';
import { readTrustedFile } from '../../signatures/trusted-file.ts';

/** Files with trusted keys and roots: paths, and `feed:NAME` for those that a feed brought (`pull --trust`). */
export interface TrustFiles {
  /** @throws {ScapfeedError} TRUST_ROOT_MISSING */
  read(file: string): Buffer;
  /** The file to name where none is given; undefined: the feed contains none of this name. */
  fromFeed(name: string): string | undefined;
}

const scheme = 'feed:';

/** `folder`: where the feed has them, once one is named. */
export function trustFilesIn(folder: () => string): TrustFiles {
  return {
    read: (file) => (file.startsWith(scheme) ? brought(folder(), file) : readTrustedFile(file)),
    fromFeed(name) {
      try {
        return existsSync(join(folder(), name)) ? `${scheme}${name}` : undefined;
      } catch {
        // There is no feed, or none that a pull brought: nothing of it is used unasked.
        return undefined;
      }
    },
  };
}

function brought(folder: string, file: string): Buffer {
  const name = file.slice(scheme.length);
  const path = join(folder, name);
  if (isTrustFileName(name) && existsSync(path)) {
    if (isGuarded(path)) return readTrustedFile(path);
    throw new ScapfeedError({
      code: 'TRUST_NOT_PRIVATE',
      message: 'others may have changed the file: it belongs to another user, or they may write to it',
      where: path,
      remedy: 'pull the feed again with `scapfeed pull --trust`',
    });
  }
  const names = existsSync(folder) ? readdirSync(folder).filter(isTrustFileName).sort() : [];
  throw new ScapfeedError({
    code: 'TRUST_ROOT_MISSING',
    message: `the feed contains no ${name}; it contains ${names.join(', ') || 'nothing for signatures of images'}`,
    where: file,
    remedy: 'get it with `scapfeed pull --trust`, or specify a file',
  });
}

/**
 * The policy of a file: containers' or the Notary Project's in JSON, or the section `signed` of a scapfeed.yaml.
 * @throws {ScapfeedError} TRUST_ROOT_MISSING, TRUST_POLICY_INVALID, POLICY_INVALID
 */
export async function signingPolicy(file: string, trust: TrustFiles): Promise<SigningPolicy> {
  const bytes = trust.read(file);
  if (/^\s*\{/.test(bytes.toString('utf8', 0, 1000))) return readSigningPolicy(bytes, file);
  const { readPolicyFile } = await import('../../policy/index.ts');
  return readOwnPolicy(readPolicyFile(bytes, file).signed, file, trust);
}
