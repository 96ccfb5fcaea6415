import type { Ledger } from '../../model/feed/index.ts';
import { parseRpmEvr } from '../../packaging/index.ts';
import { malformed, word } from '../fields.ts';
import { type Erratum, type ErratumPackage, packageName } from './erratum.ts';

/** Debug symbols, which do not run. */
export const debugName = /-(?:debuginfo|debugsource)(?:-common(?:-.+)?)?$/;

/** Without rows of source packages, which no system has installed, and of debug symbols, which do not run. */
export function installable({ id, packages }: Erratum, place: string, ledger: Ledger): Erratum['packages'] {
  const binaries = packages.filter(({ arch }) => arch !== 'src' && arch !== 'nosrc');
  const left = binaries.filter(({ name }) => !debugName.test(name));
  ledger.drop('source_package', place, id, packages.length - binaries.length);
  ledger.drop('debug_package', place, id, binaries.length - left.length);
  return left;
}

/** A build as an erratum names it, in fields of its own. @throws SOURCE_MALFORMED with the field */
export function readBuild(
  raw: Readonly<Record<string, unknown>>,
): Pick<ErratumPackage, 'name' | 'evr' | 'arch'> {
  const name = word(raw['name'], '/name');
  if (!packageName.test(name)) throw malformed('/name', 'the name of a package', name);
  const arch = word(raw['arch'], '/arch');
  if (!/^[a-z0-9_]+$/.test(arch)) throw malformed('/arch', 'an architecture', arch);
  const version = word(raw['version'], '/version');
  const release = word(raw['release'], '/release');
  const epoch = raw['epoch'] ?? '0';
  // A text; a number says the same.
  if (!/^\d+$/.test(String(epoch))) throw malformed('/epoch', 'the number of an epoch', epoch);
  const evr = `${Number(epoch)}:${version}-${release}`;
  if (version.includes('-') || release.includes('-') || parseRpmEvr(evr) === undefined)
    throw malformed('/version', 'version and release of an rpm', `${version}-${release}`);
  return { name, evr, arch };
}
