import { builds } from '../../../src/distros/builds.ts';
import type { ImageReader, Judge } from '../../../src/distros/contract.ts';
import { imageReaders } from '../../../src/distros/images.ts';
import { judges } from '../../../src/distros/judges.ts';
import { ovals } from '../../../src/distros/ovals.ts';
import type { DistroOval } from '../../../src/oval/forms/distro-oval.ts';
import type { Source } from '../../../src/sources/contract.ts';

/** A whole distribution: one line in each registry. */
export interface MadeUpDistro {
  source: Source;
  judge: Judge;
  image: ImageReader;
  oval: DistroOval;
}

/** Adds a distribution to this process. Before the first command, whose options are made from the registries. */
export function register({ source, judge, image, oval }: MadeUpDistro): void {
  builds.push({ source });
  judges.push(judge);
  imageReaders.push(image);
  ovals.push(oval);
}
