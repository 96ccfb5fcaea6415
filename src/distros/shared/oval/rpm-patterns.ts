import type { RpmObject, RpmState, Test, TextObject, TextState } from '../../../oval/document/components.ts';
import { escapePattern } from '../../../oval/forms/dpkg-patterns.ts';
import type { Flavour } from '../../rebuilds.ts';
import type { Architectures } from '../rule/architectures.ts';
import { minorTag, moduleMark } from '../rule/build-tags.ts';
import { flavourAhead, flavourOf } from '../rule/flavour.ts';
import type { RpmVendor } from '../rule/origin.ts';
import { keysOf } from '../rule/signers.ts';
import type { MinorRange } from './rpm-rule.ts';

/** Patterns over a release such as `23.el9_3.4` or `1.module+el8.9.0+21392+a91c8c4f`. */
export interface ReleaseKind {
  major: string;
  /** Build numbers of a module's stream; absent: builds outside modules. */
  builds?: { of: readonly string[] } | { otherThan: readonly string[] };
  /** The build's own minor is in the range; `none`: it has no minor; absent: either. */
  minor?: MinorRange | 'none';
  /** `fixed`: builds of the flavour of this one only, among these. */
  flavour?: { fixed: string; of: readonly Flavour[] };
}

/** State patterns are not multiline in oscap; a release is one line. */
export function releasePattern({ flavour, ...kind }: ReleaseKind): string {
  const pattern = plainPattern(kind);
  if (!flavour) return pattern;
  const ahead = flavourAhead(flavourOf(flavour.fixed, flavour.of), flavour.of, { any: '.*', end: '$' });
  return pattern.startsWith('^') ? `^${ahead}${pattern.slice(1)}` : `^${ahead}.*${pattern}`;
}

function plainPattern({ major, builds, minor }: ReleaseKind): string {
  if (!builds) {
    const outside = String.raw`(?!.*${moduleMark}\d)`;
    const tag = minorTag(major);
    if (minor === undefined) return `^${outside}`;
    if (minor === 'none') return String.raw`^${outside}(?!.*${tag}\d)`;
    return String.raw`^${outside}(?=.*${tag}(?:${numbers(minor)})(?!\d))`;
  }
  const tag = moduleMark + major;
  const dist =
    minor === undefined || minor === 'none' ? '[^+]*' : String.raw`\.(?:${numbers(minor)})(?:\.[^+]*)?`;
  if ('of' in builds) return String.raw`${tag}${dist}\+(?:${builds.of.join('|')})\+`;
  const known = builds.otherThan.length === 0 ? '' : String.raw`(?!(?:${builds.otherThan.join('|')})\+)`;
  return String.raw`${tag}${dist}\+${known}`;
}

/** Whole numbers of a range, as alternatives. */
export function numbers({ from, to }: MinorRange): string {
  if (to !== undefined) return Array.from({ length: to - from + 1 }, (_, at) => from + at).join('|');
  if (from === 0) return String.raw`\d+`;
  if (from < 10) return String.raw`[${from}-9]|[1-9]\d+`;
  const [tens, units] = [Math.floor(from / 10), from % 10];
  return String.raw`${tens}[${units}-9]|[${tens + 1}-9]\d|\d{3,}`;
}

/** `^(?:x86_64|i686)$`, or every architecture but these. */
export function archPattern(arch: Architectures): string {
  if ('of' in arch) return `^(?:${arch.of.map(escapePattern).join('|')})$`;
  return `^(?!(?:${arch.otherThan.map(escapePattern).join('|')})$)`;
}

/** The vendor's keys, and `0`, which oscap reports for an unsigned package. Known foreign keys do not match. */
export function keyPattern(vendor: RpmVendor): string {
  return `^(?:${[...keysOf(vendor).own, '0'].join('|')})$`;
}

/** Facts of a vendor of rpm packages that OVAL needs besides its rows. */
export interface RpmOvalPlan {
  vendor: RpmVendor;
  /** The packages that make a system the vendor's: the first of them names the test. Their version is the system's. */
  releasePackages: readonly [string, ...string[]];
  /** The vendor says nothing of flaws without a fix: there are no files of those. */
  fixesOnly?: true;
  /** Pattern of that version, by the platform's; default: a major with any minor. */
  releaseVersion?(version: string): string;
  /** Differences between the index and both kinds of files: cause and text, for tests of packages and for manifests. */
  causes: Readonly<Record<'rpm' | 'manifest', readonly (readonly [cause: string, what: string])[]>>;
}

function releaseObject({ vendor, releasePackages }: RpmOvalPlan): RpmObject {
  const values = [...releasePackages];
  const comment = `packages that make a system ${vendor.system ?? vendor.name}`;
  return { kind: 'rpm', name: values.length === 1 ? values[0]! : { comment, values } };
}

/** By the release package: rebuilds of RHEL have others. */
export function releaseTest(plan: RpmOvalPlan, major: string): Test {
  const versionPattern = plan.releaseVersion?.(major) ?? String.raw`^${major}(?:\.|\D|$)`;
  const state: RpmState = { kind: 'rpm', versionPattern };
  return { comment: `${plan.releasePackages[0]} ${major} is installed`, object: releaseObject(plan), state };
}

/** The image's minor, by the version of its release package. */
export function imageMinorTest(plan: RpmOvalPlan, major: string, range: MinorRange): Test {
  const state: RpmState = { kind: 'rpm', versionPattern: String.raw`^${major}\.(?:${numbers(range)})(?!\d)` };
  const comment = `${plan.releasePackages[0]} is ${major}.${rangeText(range)}`;
  return { comment, object: releaseObject(plan), state };
}

export function rangeText({ from, to }: MinorRange): string {
  if (to === undefined) return `${from} or later`;
  return from === to ? `${from}` : `${from} to ${to}`;
}

/** Imported keys (gpg-pubkey) are not packages. librpm evaluates name patterns, and supports only POSIX: no look-ahead. */
export function anyRpm(): RpmObject {
  return { kind: 'rpm', name: { pattern: '^([^g]|g[^p])' } };
}

/** dnf's own record of a module; slimmed images may not have it. */
export function moduleEnabledTest(module: string): Test {
  const [name = '', stream = ''] = module.split(':');
  const object: TextObject = {
    kind: 'text',
    file: { filepath: `/etc/dnf/modules.d/${name}.module` },
    pattern: String.raw`(?s)\A.*\[${escapePattern(name)}\].*\Z`,
    instance: 'first',
  };
  const state: TextState = {
    kind: 'text',
    text: String.raw`(?sm)\A(?=.*^stream\s*=\s*${escapePattern(stream)}\s*$)(?=.*^state\s*=\s*(?:enabled|1|true)\s*$)`,
  };
  return { comment: `module ${module} is enabled`, object, state };
}
