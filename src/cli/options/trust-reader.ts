import { join } from 'node:path';
import type { Environment } from '../../model/environment.ts';
import { trustFilesFolder } from '../../publish/site/trust-file-name.ts';
import { type TrustFiles, trustFilesIn } from '../../tasks/signed/trust-files.ts';
import { signedFeedFolder } from './feed-choice.ts';

export function trustReader(feed: string | undefined, env: Environment): TrustFiles {
  return trustFilesIn(() => join(signedFeedFolder(feed, env), trustFilesFolder));
}
