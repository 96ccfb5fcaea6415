import { ScapfeedError } from '../../model/error.ts';
import type { Verification } from '../../model/verdict/index.ts';
import { requireComplete } from '../../runtime/index.ts';
import { errorOf, type GateOutcome, type OptionSpelling, withSignatures } from '../outcome.ts';
import type { OrUndefined } from '../parameters.ts';
import type { VerifyPolicyOptions } from './options.ts';

/** Without its list, a package's files look unowned and cannot be missing: the result would be incomplete. */
export function verificationOutcome(
  result: Verification,
  { failOn = [], allowUncovered = false }: OrUndefined<VerifyPolicyOptions>,
  as: OptionSpelling,
): GateOutcome {
  const error =
    errorOf(() => requireComplete(result.inventory)) ??
    (allowUncovered ? undefined : listsMissing(result.uncovered, as));
  if (error) return { exitCode: 4, reasons: [], error };
  const deviates = result.deviations.some(({ kind }) => failOn.includes('any') || failOn.includes(kind));
  return withSignatures({ exitCode: deviates ? 1 : 0, reasons: [] }, result.signed);
}

function listsMissing(uncovered: Verification['uncovered'], as: OptionSpelling): ScapfeedError | undefined {
  const [first, ...others] = uncovered;
  if (!first) return undefined;
  const count = others.length + 1;
  const accepted = `accept it with ${as('allowUncovered')}`;
  if (first.type === 'alpm')
    return new ScapfeedError({
      code: 'PACKAGE_DATABASE_UNREADABLE',
      message: `files of ${count} package${count === 1 ? '' : 's'} of pacman are not compared: verify reads no mtree`,
      where: first.database,
      remedy: `verify them with pacman -Qkk in the image, or ${accepted}`,
    });
  const kept =
    first.type === 'deb'
      ? '/var/lib/dpkg/info'
      : first.type === 'ebuild'
        ? 'CONTENTS of each package in /var/db/pkg'
        : `a database of ${first.type} with the files of its packages`;
  return new ScapfeedError({
    code: 'PACKAGE_DATABASE_UNREADABLE',
    message:
      count === 1
        ? `1 package has no list of its files: ${first.name}`
        : `${count} packages have no list of their files: ${first.name} and others`,
    where: first.database,
    remedy: `verify an image that keeps ${kept}, or ${accepted}`,
  });
}
