import type { FeedPlatform, ShardClaim } from '../../model/feed/index.ts';
import type { CsafLayout, CsafSystem } from '../rows/csaf-layout.ts';

/** The content of a claim in a document: all of it but its vulnerabilities. */
export type ClaimContent = Pick<
  ShardClaim,
  | 'status'
  | 'fixed'
  | 'fixState'
  | 'channelFix'
  | 'reason'
  | 'severity'
  | 'suppressed'
  | 'advisories'
  | 'subject'
  | 'module'
  | 'arch'
>;

/** A system of a platform. */
export interface PlatformSystem {
  platform: string;
  packaging: FeedPlatform['packaging'];
  system: CsafSystem;
}

/** A claim with its package and the system that it is about. */
export interface PackageClaim {
  package: string;
  place: PlatformSystem;
  content: ClaimContent;
  /** Number of vulnerabilities that it is about. */
  vulnerabilities: number;
}

/** A package, in one version, in a range of versions or in any, as a product of a document. */
export interface ProductComponent {
  id: string;
  category: 'product_version' | 'product_version_range';
  /** For a range it is the range, as CSAF asks (3.1.2.2). */
  version: string;
  name: string;
  purl: SplitPackageUrl;
}

/** A package URL whose qualifiers may get a system between them: they stand in the order of their keys. */
export interface SplitPackageUrl {
  base: string;
  /** `&arch=src` or nothing. */
  before: string;
  after: string;
}

/** The products that a claim is about, and those that it says are fixed. */
export interface ClaimComponents {
  stated: readonly ProductComponent[];
  fixed: readonly ProductComponent[];
}

const none: readonly ProductComponent[] = [];

/**
 * Products of a claim. A fix is one product, the first fixed version as vendors name it: a range would read as "all versions"
 * where a reader knows package URLs only. What is below it is a range, and there such a reader errs on the safe side.
 */
export function componentsOf(
  claim: PackageClaim,
  { namespace, registry }: Pick<CsafLayout, 'namespace' | 'registry'>,
): ClaimComponents {
  const { package: name, content } = claim;
  const { packaging } = claim.place;
  const { status, fixed, channelFix } = content;
  const container = name.startsWith('oci:');
  const parts = archesOf(content).map((arch): Part => {
    const titled = titleOf(claim, arch);
    return { name, titled, packaging, namespace, registry, arch, content };
  });
  if (status === 'fixed' && fixed !== undefined)
    return {
      stated: container ? none : parts.map((part) => below(part, fixed)),
      fixed: parts.map((part) => inVersion(part, fixed)),
    };
  if (channelFix !== undefined) return { stated: parts.map((part) => below(part, channelFix)), fixed: none };
  return { stated: parts.map(inAny), fixed: none };
}

const allArches = [undefined];

/** Only a binary's package URL can name an architecture. */
function archesOf({ subject, arch }: ClaimContent): readonly (string | undefined)[] {
  return subject === 'binary' && arch !== undefined ? arch : allArches;
}

/** A package of an architecture, with the name that it has in a document. */
interface Part {
  name: string;
  titled: string;
  packaging: FeedPlatform['packaging'];
  namespace: string;
  registry: string | undefined;
  arch: string | undefined;
  content: ClaimContent;
}

function titleOf(
  { package: name, place: { packaging }, content }: PackageClaim,
  arch: string | undefined,
): string {
  const { subject, module } = content;
  const bare = name.startsWith('oci:') ? name.slice('oci:'.length) : name;
  const kind = arch ?? (subject !== 'binary' && packaging === 'rpm' ? 'src' : undefined);
  return `${module === undefined ? '' : `${module}/`}${bare}${kind === undefined ? '' : `.${kind}`}`;
}

function inAny(part: Part): ProductComponent {
  const { titled } = part;
  return { id: titled, category: 'product_version', version: titled, name: titled, purl: purlOf(part) };
}

function inVersion(part: Part, version: string): ProductComponent {
  const { titled } = part;
  return {
    id: `${titled}@${version}`,
    category: 'product_version',
    version,
    name: `${titled} ${version}`,
    purl: purlOf(part, version),
  };
}

function below(part: Part, version: string): ProductComponent {
  const { titled, packaging } = part;
  return {
    id: `${titled}@<${version}`,
    category: 'product_version_range',
    version: `vers:${packaging}/<${versOf(version)}`,
    name: `${titled} before ${version}`,
    purl: purlOf(part),
  };
}

/** The URL as a document has it. `distro`: the system of a package. */
export function purlText({ base, before, after }: SplitPackageUrl, distro?: string): string {
  const query = `${before}${distro === undefined ? '' : qualifier('distro', distro)}${after}`;
  return query === '' ? base : `${base}?${query.slice(1)}`;
}

/** Purl specification, types apk, deb, rpm and oci. A source is asked for by `arch`, as vendors' documents do. */
function purlOf(
  { name, packaging, namespace, registry, arch, content }: Part,
  version?: string,
): SplitPackageUrl {
  if (name.startsWith('oci:')) return containerPurl(name.slice('oci:'.length), registry, arch, version);
  const { subject, module } = content;
  const own = subject === 'binary' ? arch : packaging === 'rpm' ? 'src' : 'source';
  let shown = version;
  let after = '';
  const epoch = packaging === 'rpm' && version !== undefined ? epochOf(version) : undefined;
  if (epoch !== undefined) {
    if (epoch !== '0') after += qualifier('epoch', epoch);
    shown = version!.slice(epoch.length + 1);
  }
  if (module !== undefined) after += qualifier('rpmmod', module);
  return {
    base: `pkg:${packaging}/${namespace}/${encode(name)}${atVersion(shown)}`,
    before: own === undefined ? '' : qualifier('arch', own),
    after,
  };
}

function epochOf(version: string): string | undefined {
  const colon = version.indexOf(':');
  const epoch = version.slice(0, Math.max(colon, 0));
  return /^\d+$/.test(epoch) ? epoch : undefined;
}

function containerPurl(
  path: string,
  registry: string | undefined,
  arch: string | undefined,
  version: string | undefined,
): SplitPackageUrl {
  const isDigest = version?.startsWith('sha256:') === true;
  let after = '';
  if (registry !== undefined) after += qualifier('repository_url', `${registry}/${path}`);
  if (version !== undefined && !isDigest) after += qualifier('tag', version);
  return {
    base: `pkg:oci/${encode(path.split('/').at(-1)!)}${atVersion(isDigest ? version : undefined)}`,
    before: arch === undefined ? '' : qualifier('arch', arch),
    after,
  };
}

function atVersion(version: string | undefined): string {
  return version === undefined ? '' : `@${encode(version)}`;
}

function qualifier(key: string, value: string): string {
  return `&${key}=${encode(value)}`;
}

/** Percent-encoding of the purl specification: everything except letters, digits, `.`, `-`, `_`, `~` and the colon. */
function encode(text: string): string {
  // Most names and versions: the rest takes ten times as long.
  if (/^[\w.~:-]*$/.test(text)) return text;
  return encodeURIComponent(wellFormed(text))
    .replaceAll('%3A', ':')
    .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** A version in a vers range: signs that have a meaning there are encoded. */
function versOf(version: string): string {
  if (/^[\w.:~+^-]*$/.test(version)) return version;
  return wellFormed(version).replace(/[^A-Za-z0-9.:~+_^-]/g, (sign) =>
    encodeURIComponent(sign).replace('*', '%2A'),
  );
}

/** Half a surrogate pair cannot be encoded. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}
