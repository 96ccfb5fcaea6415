import { type OpenImageOptions, openImage } from '../../image/index.ts';
import { inventoryCompanions, inventoryPlaces } from '../../inventory/index.ts';
import { type Image, isScapfeedError, ScapfeedError, type Wanted } from '../../model/index.ts';
import type { OptionValues } from '../command.ts';
import { readAuthorities, registryOptions } from './registry-access.ts';

/** Options of every command that reads an image. `--platform` with a slash chooses among an index's images. */
export const imageOptions = {
  platform: { type: 'string', multiple: true },
  ...registryOptions,
  'no-cache': { type: 'boolean' },
} as const;

export const imageHelp = `IMAGE is one of
  dir:PATH                      a root file system; / is this machine
  docker-archive:FILE[:TAG]     what \`docker save\` and \`skopeo copy\` write
  oci:DIR[:TAG]                 an OCI layout
  oci-archive:FILE[:TAG]        the same as a tar
  registry:HOST/NAME[:TAG|@DIGEST]
  docker:NAME, podman:NAME      an image of the engine, through its socket
  container:NAME                a container's file system, exported, never run
  -                             a tar on stdin: an image archive or a root file system
An existing path is recognised as what it is; any other NAME[:TAG] is looked up in a registry (docker.io by default),
but for what begins like a path or ends like an archive: /x, ./x, x.tar.

  --platform OS/ARCH            which image of a multi-platform index (default linux/amd64)
  --insecure-registry HOST      speak to HOST by plain http; repeatable
  --ca-file FILE                trust these authorities (PEM) too
  --no-cache                    keep no layers under XDG_CACHE_HOME
`;

/** What the options say of how an image is opened. */
export function imageChoice(
  values: OptionValues,
  wanted: Wanted,
  env: Readonly<Record<string, string | undefined>>,
): OpenImageOptions {
  const platform = platformValues(values).find((text) => text.includes('/'));
  const insecure = values['insecure-registry'] as string[] | undefined;
  const ca = values['ca-file'] as string | undefined;
  return {
    wanted,
    places: inventoryPlaces(),
    companions: inventoryCompanions,
    env,
    ...(platform === undefined ? {} : { platform }),
    registry: {
      ...(insecure === undefined ? {} : { insecure }),
      ...(ca === undefined ? {} : { ca: readAuthorities(ca) }),
      ...(values['no-cache'] === true ? { cache: false } : {}),
    },
  };
}

/** Opens an image. A registry that cannot be reached is an image that cannot be read (2); FETCH errors are of feeds (3). */
export async function openChosenImage(reference: string, options: OpenImageOptions): Promise<Image> {
  try {
    return await openImage(reference, options);
  } catch (error) {
    if (!isScapfeedError(error) || !error.code.startsWith('FETCH_')) throw error;
    throw new ScapfeedError({
      code: 'IMAGE_UNREACHABLE',
      message: `the image cannot be fetched: ${error.message}`,
      where: error.where ?? reference,
      remedy: error.remedy ?? 'check the name, the network and the login, and try again',
      cause: error,
    });
  }
}

/** `--platform` without a slash: the feed's platform to judge by. */
export function judgedPlatform(values: OptionValues): string | undefined {
  return platformValues(values).find((text) => !text.includes('/'));
}

function platformValues(values: OptionValues): string[] {
  return (values['platform'] as string[] | undefined) ?? [];
}
