import type { FeedPlatform, ShardClaim } from '../../model/index.ts';
import type { CsafLayout, CsafSystem } from '../rows/csaf-layout.ts';

/** What a document says of a claim: all of it but its vulnerabilities. */
export type Said = Pick<
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

/** A claim with its package and the system that it is about. */
export interface PackageClaim {
  package: string;
  packaging: FeedPlatform['packaging'];
  system: CsafSystem;
  said: Said;
}

/** A package, in one version, in a range of versions or in any, as a product of a document. */
export interface Component {
  id: string;
  /** For a range it is the range, as CSAF asks (3.1.2.2). */
  branch: { category: 'product_version' | 'product_version_range'; name: string };
  name: string;
  purl: (distro?: string) => string;
}

/** The products that a claim is about, and those that it says are fixed. */
export interface ClaimComponents {
  stated: Component[];
  fixed: Component[];
}

/**
 * Products of a claim. A fix is one product, the first fixed version as vendors name it: a range would read as "all versions"
 * where a reader knows package URLs only. What is below it is a range, and there such a reader errs on the safe side.
 */
export function componentsOf(
  { package: name, packaging, said }: PackageClaim,
  { namespace, registry }: Pick<CsafLayout, 'namespace' | 'registry'>,
): ClaimComponents {
  const { status, fixed, channelFix } = said;
  const container = name.startsWith('oci:');
  const parts = archesOf(said).map((arch) => ({ name, packaging, namespace, registry, arch, said }));
  const inAny = () => parts.map((part) => component(part));
  const below = (version: string) => parts.map((part) => component(part, { below: version }));
  if (status === 'fixed' && fixed !== undefined)
    return {
      stated: container ? [] : below(fixed),
      fixed: parts.map((part) => component(part, { version: fixed })),
    };
  if (channelFix !== undefined) return { stated: below(channelFix), fixed: [] };
  return { stated: inAny(), fixed: [] };
}

/** Only a binary's package URL can name an architecture. */
function archesOf({ subject, arch }: Said): readonly (string | undefined)[] {
  return subject === 'binary' && arch !== undefined ? arch : [undefined];
}

interface Part {
  name: string;
  packaging: FeedPlatform['packaging'];
  namespace: string;
  registry: string | undefined;
  arch: string | undefined;
  said: Said;
}

function component(part: Part, versions: { version?: string; below?: string } = {}): Component {
  const { name, arch, packaging } = part;
  const { subject, module } = part.said;
  const { version, below } = versions;
  const bare = name.replace(/^oci:/, '');
  const kind = arch ?? (subject !== 'binary' && packaging === 'rpm' ? 'src' : undefined);
  const titled = `${module === undefined ? '' : `${module}/`}${bare}${kind === undefined ? '' : `.${kind}`}`;
  const range = below === undefined ? undefined : `vers:${packaging}/<${versOf(below)}`;
  return {
    id: `${titled}${version === undefined ? '' : `@${version}`}${below === undefined ? '' : `@<${below}`}`,
    branch: {
      category: range === undefined ? 'product_version' : 'product_version_range',
      name: range ?? version ?? titled,
    },
    name: `${titled}${version === undefined ? '' : ` ${version}`}${below === undefined ? '' : ` before ${below}`}`,
    purl: (distro) => purlOf(part, version, distro),
  };
}

/** Purl specification, types apk, deb, rpm and oci. A source is asked for by `arch`, as vendors' documents do. */
function purlOf(
  { name, packaging, namespace, registry, arch, said }: Part,
  version: string | undefined,
  distro?: string,
): string {
  const qualifiers: [string, string][] = [];
  const isContainer = name.startsWith('oci:');
  const isSource = !isContainer && said.subject !== 'binary';
  const own = isSource ? (packaging === 'rpm' ? 'src' : 'source') : arch;
  if (own !== undefined) qualifiers.push(['arch', own]);
  if (distro !== undefined) qualifiers.push(['distro', distro]);
  if (isContainer) return containerPurl(name.slice('oci:'.length), registry, version, qualifiers);
  let shown = version;
  const [, epoch, rest] = /^(\d+):(.*)$/s.exec(version ?? '') ?? [];
  if (packaging === 'rpm' && epoch !== undefined) {
    if (epoch !== '0') qualifiers.push(['epoch', epoch]);
    shown = rest;
  }
  if (said.module !== undefined) qualifiers.push(['rpmmod', said.module]);
  return `pkg:${packaging}/${namespace}/${encode(name)}${atVersion(shown)}${query(qualifiers)}`;
}

function containerPurl(
  path: string,
  registry: string | undefined,
  version: string | undefined,
  qualifiers: [string, string][],
): string {
  const isDigest = version?.startsWith('sha256:') === true;
  const all = [...qualifiers];
  if (registry !== undefined) all.push(['repository_url', `${registry}/${path}`]);
  if (version !== undefined && !isDigest) all.push(['tag', version]);
  return `pkg:oci/${encode(path.split('/').at(-1)!)}${atVersion(isDigest ? version : undefined)}${query(all)}`;
}

function atVersion(version: string | undefined): string {
  return version === undefined ? '' : `@${encode(version)}`;
}

function query(qualifiers: readonly (readonly [string, string])[]): string {
  return qualifiers.length === 0
    ? ''
    : `?${qualifiers.map(([key, value]) => `${key}=${encode(value)}`).join('&')}`;
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
