export { detectReference } from './detect-reference.ts';
export type { ImageFacts, OpenImageOptions, RegistryOptions } from './image-options.ts';
export { defaultLimits, type ImageLimits } from './limits.ts';
export { openImage } from './open-image.ts';
export {
  hasScheme,
  kindsWithFiles,
  parseReference,
  type Reference,
  type RegistryReference,
  referenceHelp,
  referenceText,
} from './reference.ts';
