import { inManifest, inStatus, inStatusDirectory, sourceForms } from './dpkg-source-form.ts';
import { dpkginfoForms } from './dpkginfo-form.ts';
import type { FormContext, OvalForm } from './form.ts';
import type { InexactList } from './inexact.ts';

/**
 * Debian speaks of source packages, so the exact forms read source versions from dpkg's own files. dpkginfo sees
 * binaries only and stands beside them for evaluators without PCRE's branch reset.
 */
export function debianForms(context: FormContext): OvalForm[] {
  const { index, inexact } = context;
  const forms = [
    ...sourceForms(context, inStatus),
    ...sourceForms(context, inStatusDirectory),
    ...dpkginfoForms(context),
  ];
  noteDpkgCauses(inexact, suffixes(forms));
  if (index.platform.os.version === undefined) {
    const what = 'The files of testing and sid are alike: the definitions of both apply to either.';
    inexact.general('sid_or_testing', what, suffixes(forms));
  }
  return forms;
}

/** Ubuntu's images are dpkg systems too; its rows are told apart by the channel in a build's version. */
export function ubuntuForms(context: FormContext): OvalForm[] {
  const { inexact } = context;
  const forms = [
    ...sourceForms(context, inStatus),
    ...sourceForms(context, inManifest),
    ...dpkginfoForms(context),
  ];
  noteDpkgCauses(inexact, suffixes(forms));
  inexact.general(
    'pro_attached',
    'On a system attached to Ubuntu Pro the fix of another channel is available: the definition stands in the unfixed file.',
    suffixes(forms),
  );
  inexact.general(
    'fips_or_fips_updates',
    'Versions of fips, fips-updates and fips-preview cannot be told apart: the lowest fix of them decides.',
    suffixes(forms),
  );
  return forms;
}

function noteDpkgCauses(inexact: InexactList, files: readonly string[]): void {
  inexact.general(
    'other_origin',
    'A package whose version names another suite, a backport or a foreign archive is compared like any other; ' +
      'the index sets it apart or judges it by the other suite.',
    files,
  );
  inexact.general(
    'unparsable_installed_version',
    'An installed version that is no dpkg version is compared nevertheless; the index sets it apart.',
    files,
  );
  inexact.general(
    'no_database',
    'Without a package database all but the coverage definition are false.',
    files,
  );
}

function suffixes(forms: readonly OvalForm[]): string[] {
  return forms.map(({ suffix }) => suffix);
}
