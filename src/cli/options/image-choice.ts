import { type ImageReadOptions, kindsWithFiles, openImage, referenceHelp } from '../../image/index.ts';
import { inventoryCompanions, inventoryPlaces } from '../../inventory/index.ts';
import type { Environment } from '../../model/environment.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { Image, Wanted } from '../../model/inventory/index.ts';
import type { imageOptions } from '../../tasks/image/options.ts';
import { reachable } from '../../tasks/image/reachable.ts';
import type { OptionValues } from '../../tasks/option.ts';
import { readAuthorities } from './registry-access.ts';

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
