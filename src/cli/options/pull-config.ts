import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { readNamed } from '../../io/read-at-most.ts';
import { refusedAccess } from '../../io/system-reason.ts';
import { ScapfeedError } from '../../model/error.ts';
import { keptPlaces } from '../../publish/pull/kept-places.ts';
import type { AssessmentPartName } from '../../published/assessment-parts.ts';
import { usage } from '../../tasks/given-words.ts';
import type { Terminal } from '../terminal.ts';
import { requireShape } from '../user-file.ts';

/** Settings of pull.json, used if the options of `pull` do not set them. */
export interface PullConfig {
  from?: string[];
  trustRoot?: string;
  platforms?: string[];
  without?: AssessmentPartName[];
  content?: boolean;
}

export function pullConfig(env: Terminal['env']): PullConfig {
  const file = join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'scapfeed', 'pull.json');
  if (!existsSync(file)) return {};
  let config: unknown;
  try {
    config = parseForeignJson(readNamed(file));
  } catch (cause) {
    throw new ScapfeedError({
      code: 'USAGE',
      message: 'the configuration of pull is not JSON',
      where: file,
      remedy: 'correct or remove it',
      cause,
    });
  }
  requireShape('pull-config', config, file);
  return config as PullConfig;
}

/**
 * Where to pull from: the places that the options name, else those of pull.json or of the last pull, which a message reports.
 * @throws {ScapfeedError} USAGE if there are none
 */
export function pullPlaces(
  command: string,
  from: readonly string[] | undefined,
  configured: readonly string[] | undefined,
  out: string,
  terminal: Pick<Terminal, 'err'>,
): readonly string[] {
  if (from?.length) return from;
  if (configured?.length) {
    terminal.err(`from ${configured.join(', ')}, as pull.json has it\n`);
    return configured;
  }
  const kept = keptPlaces(out);
  if (!kept)
    throw usage(
      command,
      'no location to pull from',
      'specify a URL, oci://HOST/NAME, folder or bundle with --from; later pulls remember it',
    );
  terminal.err(`from ${kept.join(', ')}, as in the last pull\n`);
  return kept;
}

/** The root that the user got by another way than the feed. */
export function trustRoot(file: string): Buffer {
  try {
    return readNamed(file);
  } catch (cause) {
    throw new ScapfeedError({
      code: 'TRUST_ROOT_MISSING',
      message: 'the trust root cannot be read',
      where: file,
      remedy: "specify the publisher's root.json with --trust-root",
      ...refusedAccess(cause, 'the trust root'),
      cause,
    });
  }
}
