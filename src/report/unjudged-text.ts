import type { UnjudgedPackages } from '../model/inventory/index.ts';
import { plural } from './text-table.ts';

/** `1,204 packages that the feed does not judge: npm 1200, pypi 4`; the layers are counted from 1. Undefined: there are none. */
export function unjudgedText(unjudged: readonly UnjudgedPackages[]): string | undefined {
  const total = unjudged.reduce((sum, { packages }) => sum + packages, 0);
  if (total === 0) return undefined;
  const each = unjudged.map(({ ecosystem, packages, layers = [] }) => {
    const numbers = layers.map((index) => index + 1).join(', ');
    return `${ecosystem} ${packages}${layers.length > 0 ? ` (${layers.length > 1 ? 'layers' : 'layer'} ${numbers})` : ''}`;
  });
  return `${plural(total, 'package')} that the feed does not judge: ${each.join(', ')}`;
}
