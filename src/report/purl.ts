import { purlNamespace } from '../distros/purl.ts';
import {
  type EcosystemId,
  ecosystemIds,
  type InstalledPackage,
  type OsRelease,
  statedSource,
} from '../model/inventory/index.ts';
import { percentEncoded } from './percent-encoded.ts';

/**
 * Returns the package URL of an installed package: `pkg:deb/debian/bash@5.2.15-2?arch=amd64&distro=debian-12`. For rpm the
 * epoch is a qualifier, for dpkg part of the version. `upstream` names the source package if it differs, as other scanners
 * do. A package that an SBOM says is of another system keeps that one.
 */
export function packageUrl(item: InstalledPackage, system: OsRelease | null): string {
  const os = systemOf(item, system);
  const [, epoch, versionRelease] = /^(?:(\d+):)?(.*)$/s.exec(item.version)!;
  const isRpm = item.type === 'rpm';
  const qualifiers = {
    arch: item.arch,
    distro: distroOf(item, os),
    epoch: isRpm && epoch !== undefined ? epoch : '',
    // Without it trivy compares a build of a module with fixes outside modules.
    modularitylabel: item.modularityLabel ?? '',
    upstream: upstreamOf(item),
    repository: item.repository ?? '',
    slot: item.slot ?? '',
  };
  const query = Object.entries(qualifiers)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}=${encode(value)}`)
    .join('&');
  const bare = bareUrl(item, os, isRpm ? versionRelease! : item.version);
  return query === '' ? bare : `${bare}?${query}`;
}

/**
 * The same without qualifiers. What reads VEX wants every qualifier of a statement's purl in the package's own, and others
 * write these in other ways; the epoch of an rpm is one of them.
 */
export function barePackageUrl(item: InstalledPackage, os: OsRelease | null): string {
  return bareUrl(
    item,
    systemOf(item, os),
    item.type === 'rpm' ? item.version.replace(/^\d+:/, '') : item.version,
  );
}

/** Without `distro` if only the namespace states the system. */
function distroOf({ type, system }: InstalledPackage, os: System | null): string {
  if (!os || isOfEcosystem(type) || (system && system.version === undefined)) return '';
  return [os.id, os.versionId ?? os.codename].filter((part) => part !== undefined).join('-');
}

type System = Pick<OsRelease, 'id' | 'versionId' | 'codename'>;

function systemOf({ system }: InstalledPackage, os: OsRelease | null): System | null {
  if (!system) return os;
  return { id: system.id, ...(system.version === undefined ? {} : { versionId: system.version }) };
}

function bareUrl({ type, name }: InstalledPackage, os: System | null, version: string): string {
  if (isOfEcosystem(type))
    return `pkg:${type}/${namesOf(type, name).map(encode).join('/')}@${encode(version)}`;
  if (type === 'ebuild') return `pkg:ebuild/${name.split('/').map(encode).join('/')}@${encode(version)}`;
  const namespace = os ? `${encode(purlNamespace(os.id))}/` : '';
  return `pkg:${type}/${namespace}${encode(name)}@${encode(version)}`;
}

/** Namespace and name, in the order of the purl. An artifact of which the group is not known has no namespace. */
function namesOf(type: EcosystemId, name: string): string[] {
  return name.split(type === 'maven' ? ':' : '/').filter((part) => part !== '');
}

function isOfEcosystem(type: InstalledPackage['type']): type is EcosystemId {
  return ecosystemIds.some((id) => id === type);
}

function upstreamOf(item: InstalledPackage): string {
  const { name, version } = item;
  const source = statedSource(item);
  if (source === undefined) return '';
  if (source.version !== version.replace(/^\d+:/, '') && source.version !== version) {
    return `${source.name}@${source.version}`;
  }
  return source.name === name ? '' : source.name;
}

/** Percent-encoding of the purl specification: everything except letters, digits, `.`, `-`, `_`, `~` and the colon. */
function encode(text: string): string {
  return percentEncoded(text)
    .replaceAll('%3A', ':')
    .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
