export { detectReference } from './detect-reference.ts';
export type { ImageConfiguration, ImageReadOptions, RegistryOptions } from './image-options.ts';
export { defaultLimits, type ImageLimits } from './limits.ts';
export { openImage } from './open-image.ts';
export {
  hasScheme,
  type ImageReference,
  kindsWithFiles,
  parseReference,
  type RegistryReference,
  referenceHelp,
  referenceText,
} from './reference.ts';
