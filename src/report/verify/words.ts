import type { Deviation, DeviationKind } from '../../model/verdict/index.ts';

/** `/usr/bin/x of coreutils: digest`: one deviation in a sentence. */
export function deviationText({ path, packages, detail, kind, mode }: Deviation): string {
  const owner = packages.length > 0 ? ` of ${packages.join(', ')}` : ' of no package';
  return `${kind}: ${path}${owner}: ${detail}${mode === undefined ? '' : `, mode ${mode}`}`;
}

/** Names of the kinds of deviations. */
export const deviationWords: Readonly<Record<DeviationKind, [one: string, many: string]>> = {
  unowned: ['executable or library of no package', 'executables and libraries of no package'],
  changed: [
    'file that is not as its package brought it',
    'files that are not as their packages brought them',
  ],
  missing: ['file of a package that is missing', 'files of packages that are missing'],
  config: ['changed configuration file', 'changed configuration files'],
  setuid: ['setuid or setgid file not accounted for', 'setuid or setgid files not accounted for'],
  capability: ['file with capabilities not accounted for', 'files with capabilities not accounted for'],
  'world-writable': ['path that everybody can write to', 'paths that everybody can write to'],
  attributes: [
    'path with another mode or owner than packaged',
    'paths with other modes or owners than packaged',
  ],
};
