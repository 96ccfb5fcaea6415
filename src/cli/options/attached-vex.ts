import type { Environment } from '../../model/environment.ts';
import type { imageOptions } from '../../tasks/image/options.ts';
import { attachedVexOf, type VexOfImage } from '../../tasks/image/vex.ts';
import type { OptionValues } from '../../tasks/option.ts';
import { readAuthorities } from './registry-access.ts';

/** The VEX documents that are attached to an image. */
export function attachedVex(
  reference: string,
  given: OptionValues<typeof imageOptions>,
  env: Environment,
): Promise<VexOfImage> {
  const platform = given.platform?.find((text) => text.includes('/'));
  const ca = given['ca-file'];
  const insecure = given['insecure-registry'];
  return attachedVexOf(reference, {
    env,
    ...(platform === undefined ? {} : { platform }),
    registry: {
      ...(insecure === undefined ? {} : { insecure }),
      ...(ca === undefined ? {} : { ca: readAuthorities(ca) }),
    },
  });
}
