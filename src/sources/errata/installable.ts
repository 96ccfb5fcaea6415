import type { Ledger } from '../../model/index.ts';
import type { Erratum } from './erratum.ts';

const debugName = /-(?:debuginfo|debugsource)(?:-common(?:-.+)?)?$/;

/** Without rows of source packages, which no system has installed, and of debug symbols, which do not run. */
export function installable({ id, packages }: Erratum, place: string, ledger: Ledger): Erratum['packages'] {
  const binaries = packages.filter(({ arch }) => arch !== 'src' && arch !== 'nosrc');
  const left = binaries.filter(({ name }) => !debugName.test(name));
  ledger.drop('source_package', place, id, packages.length - binaries.length);
  ledger.drop('debug_package', place, id, binaries.length - left.length);
  return left;
}
