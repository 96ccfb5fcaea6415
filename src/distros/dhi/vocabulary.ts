import type { Platform } from '../../model/feed/index.ts';
import { type OrderedPackaging, orderOf } from '../../packaging/orders.ts';
import type { OsvVocabulary } from '../../sources/osv/read-records.ts';
import type { AffectedEntry } from '../../sources/osv/record.ts';

/** The advisories of packages. Beside this folder are records of components, from before images had an ID of their own. */
const folder = 'osv/dhi/';

export function vocabularyOf(platforms: readonly Platform[]): OsvVocabulary {
  return {
    ...{ prefix: 'DHI-', folder, subject: 'binary' },
    names: /^[a-zA-Z0-9_][a-zA-Z0-9_.+-]{0,254}$/,
    platforms,
    orderOf: ({ packaging }) => orderOf(packaging as OrderedPackaging),
    platformsOf(entry) {
      const release = releaseOf(entry);
      if (release === undefined)
        return { reason: 'no_release', detail: entry.purl ?? entry.ecosystem, unread: platforms };
      const own = platforms.filter(({ os }) => os.version === release);
      return own.length > 0 ? own : { reason: 'release_not_configured', detail: release };
    },
  };
}

/** `os_version=13`, or as a plan has it `distro=dhi-13`; otherwise the ecosystem's end: `Docker Hardened Images:Debian:13`. */
function releaseOf({ purl = '', ecosystem }: AffectedEntry): string | undefined {
  const qualifiers = new URLSearchParams(purl.split('?')[1] ?? '');
  const [, distro] = /^dhi-(.+)$/.exec(qualifiers.get('distro') ?? '') ?? [];
  const [, end] = /^Docker Hardened Images:(?:Alpine|Debian):(.+)$/.exec(ecosystem) ?? [];
  return qualifiers.get('os_version') ?? distro ?? end;
}
