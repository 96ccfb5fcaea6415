import type { RpmPackage } from '../../../prove/trial.ts';
import { channelFiles, type MadeUpdate } from '../../../support/updateinfo.ts';
import { newMirror } from '../../shared/errata-world.ts';
import { packagesOf, rpmRoot } from '../../shared/rpm-system.ts';

type Lists = Partial<Record<'x86_64' | 'aarch64', readonly (MadeUpdate | string)[] | string>>;

/** A mirror with the lists of updates of releases, by architecture. */
export function writeFedoraMirror(releases: Readonly<Record<string, Lists>>): string {
  const { folder, write } = newMirror('fedora');
  for (const [release, lists] of Object.entries(releases))
    for (const [arch, updates] of Object.entries(lists)) {
      const base = `dl.fedoraproject.org/pub/fedora/linux/updates/${release}/Everything/${arch}`;
      const files = Object.entries(channelFiles('mirrors', base, updates)).slice(1);
      for (const [path, content] of files) write(path, content);
    }
  return folder;
}

/** An update in the form of Bodhi's: CVEs are in titles of bugs. */
export function bodhiUpdate({ bugs = [], ...own }: MadeUpdate & { bugs?: readonly string[] }): MadeUpdate {
  const titles = bugs.map((title, at) => `<reference type="bugzilla" id="${at + 1}" title="${title}"/>`);
  const more = `${own.more ?? ''}<references>${titles.join('')}</references>`;
  return { collection: 'F43', severity: 'Important', description: '', ...own, more };
}

export const fedora43 = '829b606631645531';

/** `name-[epoch:]version-release.arch`, signed by Fedora 43. */
export const rpm = packagesOf({ vendor: 'Fedora Project', keyid: fedora43 });

/** A container of Fedora as its release packages make it. */
export function fedoraRoot(packages: readonly RpmPackage[], version = '43'): string {
  const osRelease = `NAME="Fedora Linux"\nVERSION="${version} (Container Image)"\nID=fedora\nVERSION_ID=${version}\nPLATFORM_ID="platform:f${version}"\nPRETTY_NAME="Fedora Linux ${version} (Container Image)"\nCPE_NAME="cpe:/o:fedoraproject:fedora:${version}"\n`;
  return rpmRoot({ 'usr/lib/os-release': osRelease }, [
    rpm(`fedora-release-common-${version}-26.noarch`),
    rpm(`fedora-release-container-${version}-26.noarch`),
    ...packages,
  ]);
}
