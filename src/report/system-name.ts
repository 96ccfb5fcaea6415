import type { OsRelease } from '../model/inventory/index.ts';

/** `Debian GNU/Linux 12 (bookworm)`, or the id with the version, `debian 12`, where os-release has no name for people. */
export function systemName(os: OsRelease | null): string | undefined {
  return os ? (os.prettyName ?? [os.id, os.versionId].filter(Boolean).join(' ')) : undefined;
}
