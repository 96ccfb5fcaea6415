import type {
  Advisory,
  Platform,
  PlatformIndex,
  Roster,
  ShardClaim,
  Vulnerability,
} from '../../../src/model/feed/index.ts';

export const bookworm: Platform = {
  id: 'debian-12',
  name: 'Debian GNU/Linux 12 (bookworm)',
  aliases: ['bookworm'],
  os: { id: 'debian', version: '12', codename: 'bookworm' },
  packaging: 'deb',
  life: [],
};

export const forky: Platform = {
  ...bookworm,
  id: 'debian-14',
  name: 'Debian GNU/Linux forky',
  aliases: ['forky'],
  os: { id: 'debian', codename: 'forky' },
};

export interface IndexParts {
  platform?: Platform;
  source?: string;
  packages: Record<string, ShardClaim[]>;
  /** Number of statements about packages that could not be read. */
  unread?: Record<string, number>;
  roster?: Roster;
  vulnerabilities?: Vulnerability[];
  advisories?: Advisory[];
}

/** A platform's index as the compiler would hand it over, made of claims by package. */
export function indexOf({
  platform = bookworm,
  source = 'debian',
  packages,
  unread = {},
  roster,
  ...details
}: IndexParts): PlatformIndex {
  const vulnerabilities = new Map((details.vulnerabilities ?? []).map((item) => [item.id, item]));
  const advisories = new Map((details.advisories ?? []).map((item) => [item.id, item]));
  return {
    platform,
    source,
    updated: '2026-11-20T06:00:00Z',
    lines: Object.keys({ ...packages, ...unread })
      .sort()
      .map((name) => ({
        package: name,
        claims: packages[name] ?? [],
        ...(unread[name] === undefined ? {} : { unread: unread[name] }),
      })),
    evidence: ['debian-tracker#/{package}/{vulnerability}'],
    ...(roster ? { roster } : {}),
    marks: [],
    vulnerability: (id) => vulnerabilities.get(id),
    advisory: (id) => advisories.get(id),
  };
}

export function fixed(version: string, ids: string[], more: Partial<ShardClaim> = {}): ShardClaim {
  return { status: 'fixed', fixed: version, severity: 'medium', ids, ...more };
}

export function affected(
  fixState: NonNullable<ShardClaim['fixState']>,
  ids: string[],
  more: Partial<ShardClaim> = {},
): ShardClaim {
  return { status: 'affected', fixState, severity: 'medium', ids, ...more };
}
