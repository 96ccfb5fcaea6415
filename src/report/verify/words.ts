import type { Deviation } from '../../model/index.ts';

/** `/usr/bin/x of coreutils: digest`: one deviation in a sentence. */
export function deviationText({ path, packages, detail, kind, mode }: Deviation): string {
  const owner = packages.length > 0 ? ` of ${packages.join(', ')}` : ' of no package';
  return `${kind}: ${path}${owner}: ${detail}${mode === undefined ? '' : `, mode ${mode}`}`;
}
