import type { OsRelease } from '../../../model/index.ts';
import type { ReleaseReader } from '../../contract.ts';

export const suseRelease: ReleaseReader = { files: [{ path: '/etc/SuSE-release', parse: parseSuseRelease }] };

/** SUSE before 12: a name on the first line, then `VERSION = 11` and `PATCHLEVEL = 4`. */
function parseSuseRelease(text: string): Omit<OsRelease, 'found'> | undefined {
  const prettyName = text.split('\n')[0]!.trim();
  const version = /^VERSION = (\S+)/m.exec(text)?.[1];
  if (version === undefined) return undefined;
  const patch = /^PATCHLEVEL = ([1-9]\d*)/m.exec(text)?.[1];
  const id = prettyName.startsWith('openSUSE') ? 'opensuse' : 'sles';
  return { id, versionId: patch === undefined ? version : `${version}.${patch}`, prettyName };
}
