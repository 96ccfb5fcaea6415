import type { TarRules } from '../io/tar/reader.ts';
import type { Budget } from './limits.ts';
import { malformed } from './malformed.ts';

/** How tars of images are read: IMAGE_MALFORMED, and the limits of the image that they are part of. */
export function imageTarRules(budget: Budget, where: string): TarRules {
  return {
    where,
    error: ({ message }, place) => malformed(message, place),
    checkExtended: (bytes, place) => budget.check('headerBytes', bytes, place),
    checkEntry({ name, linkName }, place) {
      budget.spend('entries', 1, place);
      budget.check('pathBytes', Math.max(name.length, linkName.length), place);
    },
  };
}
