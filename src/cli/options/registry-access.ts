import { readNamed } from '../../io/read-at-most.ts';
import type { Environment } from '../../model/environment.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { RegistryAccess } from '../../publish/oci/repository.ts';
import type { registryOptions } from '../../tasks/image/options.ts';
import type { OptionValues } from '../../tasks/option.ts';
import type { SignatureAccess } from '../../tasks/signed/image-signatures.ts';
import { toolVersion } from '../program.ts';

/** Access to servers of feeds. Logins are those of docker and podman. */
export function registryAccess(
  options: OptionValues<typeof registryOptions>,
  env: Environment,
): RegistryAccess {
  const ca = options['ca-file'];
  return {
    http: {
      userAgent: `scapfeed/${toolVersion}`,
      env,
      ...(ca === undefined ? {} : { ca: readAuthorities(ca) }),
    },
    insecure: options['insecure-registry'] ?? [],
  };
}

/** The same options in words, for a command line that is advised. */
export function registryWords(options: OptionValues<typeof registryOptions>): string[] {
  const ca = options['ca-file'];
  return [
    ...(options['insecure-registry'] ?? []).flatMap((host) => ['--insecure-registry', host]),
    ...(ca === undefined ? [] : ['--ca-file', ca]),
  ];
}

export function readAuthorities(file: string): string {
  try {
    return readNamed(file).toString('utf8');
  } catch (cause) {
    throw new ScapfeedError({
      code: 'USAGE',
      message: 'the file of certificate authorities cannot be read',
      where: file,
      remedy: 'specify a readable PEM file with --ca-file',
      cause,
    });
  }
}

/** Access to an image and its signatures. */
export function storeOptions(
  options: {
    platform: string | undefined;
    lookaside: string | undefined;
    'insecure-registry': readonly string[] | undefined;
    'ca-file': string | undefined;
  },
  env: Environment,
): SignatureAccess {
  const { platform, lookaside, 'insecure-registry': insecure, 'ca-file': ca } = options;
  return {
    env,
    ...(platform !== undefined && { platform }),
    ...(lookaside !== undefined && { lookaside }),
    registry: {
      ...(insecure !== undefined && { insecure }),
      ...(ca !== undefined && { ca: readAuthorities(ca) }),
    },
  };
}
