import { type Where, whereText } from '../io/system-reason.ts';
import { NotTar, TarCut, type TarFault } from '../io/tar/fault.ts';
import { bomKind } from '../io/tar/other-kind.ts';
import type { TarRules } from '../io/tar/reader.ts';
import { ScapfeedError } from '../model/error.ts';
import { type Budget, malformed } from './limits.ts';

/** Rules for tars of images: IMAGE_MALFORMED, and the limits of the image that they are part of. */
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

/** The same for a tar that the user names, who may have named something else. No digest shows that it is whole; its end does. */
export function namedTarRules(budget: Budget, where: string): TarRules {
  const rules = imageTarRules(budget, where);
  return {
    ...rules,
    mustEnd: true,
    error(fault, place) {
      if (fault instanceof NotTar) return namedFault(fault, place, otherForm(fault.kind, where));
      if (fault instanceof TarCut)
        return namedFault(fault, place, 'export, save or copy it again: a part is missing at its end');
      return rules.error(fault, place);
    },
  };
}

function namedFault({ message }: TarFault, place: Where, remedy: string): ScapfeedError {
  return new ScapfeedError({ code: 'IMAGE_MALFORMED', message, where: whereText(place), remedy });
}

/** The remedy for a file of another kind: the form to write. `where`: the reference by which it was given. */
function otherForm(kind: string, where: string): string {
  const file = /^(?:tar:(.+)|-)$/s.exec(where);
  if (kind.startsWith(bomKind))
    return `specify an SBOM as sbom:${file ? (file[1] ?? '-') : 'FILE'}, in commands that take one`;
  return (
    'specify the tar of an image, as written by `docker save`, or of a root file system; an unpacked one is dir:PATH, ' +
    'an SBOM or a list of packages is sbom:FILE'
  );
}
