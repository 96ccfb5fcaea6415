import type { FileView } from '../../model/inventory/index.ts';

const folder = '/usr/share/doc';
const maxBytes = 4 << 20;

/** Where Debian's policy (12.5) wants the licences of an installed package. */
export function copyrightPath(name: string): string {
  return `${folder}/${name}/copyright`;
}

/** Files that hold licences of dpkg packages. */
export function isCopyrightFile(path: string): boolean {
  return path.startsWith(`${folder}/`) && path.endsWith('/copyright') && path.split('/').length === 6;
}

/**
 * Short names of the licences in a package's copyright file, by the machine-readable format (copyright-format 1.0), each as
 * it is written: `GPL-2+ with OpenSSL exception`. Empty: the file is there in another form; undefined: there is none.
 */
export function readCopyright(files: FileView, name: string): string[] | undefined {
  const content = files.open(copyrightPath(name));
  if (!content) return undefined;
  if (content.size > maxBytes) return [];
  const lines = content.read(0, content.size).toString('utf8').split('\n');
  if (!/^Format(?:-Specification)?:.*(?:copyright-format|dep5|DEP5)/i.test(lines[0] ?? '')) return [];
  const names = lines.flatMap((line) => /^License:(.*)$/is.exec(line)?.[1]?.trim() || []);
  return [...new Set(names)].sort();
}
