import { readFileSync } from 'node:fs';
import { ScapfeedError } from '../../model/index.ts';
import type { RegistryAccess } from '../../publish/oci/repository.ts';
import type { OptionValues } from '../command.ts';
import { toolVersion } from '../version.ts';

/** Options of every command that speaks to a registry. */
export const registryOptions = {
  'insecure-registry': { type: 'string', multiple: true },
  'ca-file': { type: 'string' },
} as const;

export const registryHelp = `  --insecure-registry HOST  speak to HOST by plain http; repeatable (the loopback is, unless --ca-file is given)
  --ca-file FILE     trust these authorities (PEM) too
`;

/** How servers of feeds are spoken to. Logins are those of docker and podman. */
export function registryAccess(
  values: OptionValues,
  env: Readonly<Record<string, string | undefined>>,
): RegistryAccess {
  const ca = values['ca-file'] as string | undefined;
  return {
    http: {
      userAgent: `scapfeed/${toolVersion}`,
      env,
      ...(ca === undefined ? {} : { ca: readAuthorities(ca) }),
    },
    insecure: (values['insecure-registry'] as string[] | undefined) ?? [],
  };
}

export function readAuthorities(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ScapfeedError({
      code: 'USAGE',
      message: 'the file of authorities cannot be read',
      where: file,
      remedy: 'give --ca-file a readable PEM file',
      cause,
    });
  }
}
