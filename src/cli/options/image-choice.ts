import { type ImageReadOptions, kindsWithFiles, openImage, referenceHelp } from '../../image/index.ts';
import { inventoryCompanions, inventoryPlaces } from '../../inventory/index.ts';
import { type Environment, type Image, ScapfeedError, type Wanted } from '../../model/index.ts';
import { reachable } from '../../tasks/image/reachable.ts';
import { flag, form, group, type OptionValues } from '../../tasks/option.ts';
import { readAuthorities, registryOptions } from './registry-access.ts';

/** A list, as where the option takes the id of a platform too. */
const osArch = form(
  'OS/ARCH',
  'the image of a multi-platform index to use (default: linux/amd64)',
  (given) => (given.includes('/') ? [given] : undefined),
);

/** Options of every command that reads an image. `--platform` with a slash chooses among an index's images. */
export const imageOptions = group('Image', {
  ...registryOptions,
  'no-cache': flag('do not read or write the cache of layers and inventories under XDG_CACHE_HOME'),
  platform: osArch,
});

/** Options of commands that read no files but those of packages. */
export const partialOptions = group('Image', {
  'partial-layers': flag(
    'read zstd:chunked and eStargz layers by their tables of contents, which must be trusted',
  ),
});

/** Help for a command that takes an SBOM too. */
export const imageHelp = helpFor(referenceHelp());

/** Help for a command that reads files. */
export const filesImageHelp = helpFor(referenceHelp(kindsWithFiles));

function helpFor(forms: string): string {
  return `IMAGE is one of
${forms}
The kind of an existing path is recognised. Any other NAME[:TAG] is looked up in a registry (docker.io by default),
unless it looks like a path or an archive: /x, ./x, x.tar.`;
}

/** Options for opening an image. */
export function imageChoice(
  options: OptionValues<typeof imageOptions>,
  wanted: Wanted,
  env: Environment,
): ImageReadOptions {
  const platform = platformOfIndex(options.platform);
  const insecure = options['insecure-registry'];
  const ca = options['ca-file'];
  return {
    wanted,
    places: inventoryPlaces(),
    companions: inventoryCompanions,
    env,
    ...(platform === undefined ? {} : { platform }),
    registry: {
      ...(insecure === undefined ? {} : { insecure }),
      ...(ca === undefined ? {} : { ca: readAuthorities(ca) }),
      ...(options['no-cache'] ? { cache: false } : {}),
    },
  };
}

/** Opens an image. */
export async function openChosenImage(reference: string, options: ImageReadOptions): Promise<Image> {
  return reachable(reference, () => openImage(reference, options));
}

/** `--platform` with a slash: the image of an index to use. @throws {ScapfeedError} USAGE if there are two */
export function platformOfIndex(platforms: readonly string[] | undefined): string | undefined {
  return onlyOne(platforms?.filter((text) => text.includes('/')));
}

/** `--platform` without a slash: the feed's platform to judge by. @throws {ScapfeedError} USAGE if there are two */
export function judgedPlatform(platforms: readonly string[] | undefined): string | undefined {
  return onlyOne(platforms?.filter((text) => !text.includes('/')));
}

function onlyOne([first, ...others]: readonly string[] = []): string | undefined {
  const other = others.find((each) => each !== first);
  if (other === undefined) return first;
  throw new ScapfeedError({
    code: 'USAGE',
    message: `--platform: an image has one platform, found ${first} and ${other}`,
    remedy: 'specify one of them',
  });
}
