import type { Test, TextObject } from '../../../oval/document/components.ts';
import { escapePattern, manifestFile } from '../../../oval/forms/dpkg-patterns.ts';
import type { Flavour } from '../../rebuilds.ts';
import type { Architectures } from '../rule/architectures.ts';
import { minorTag, moduleMark } from '../rule/build-tags.ts';
import { flavourAhead, flavourOf } from '../rule/flavour.ts';
import { linePattern, type VersionLine } from '../rule/lines.ts';
import type { RpmVendor } from '../rule/origin.ts';
import { keysOf } from '../rule/signers.ts';
import { numbers, rangeText } from './rpm-patterns.ts';
import type { MinorRange, VersionField } from './rpm-rule.ts';

/** Allowed names in a field: one, or any except some. */
export type Names = { is: string } | { not: readonly string[] };

/** Recognises a build in a line of the manifest. */
export type BuildKind =
  /** Of any kind. */
  | { kind: 'any' }
  /** Outside modules; `minor` by its dist tag; `none`: the tag has none; `line` by its version. */
  | { kind: 'plain'; minor?: MinorRange | 'none'; line?: VersionLine }
  /** By its label; `minor` by the label's version; `none`: that has none. */
  | { kind: 'labelled'; module: string; minor?: MinorRange | 'none' }
  /** A modular build without label, by the number of its module build. */
  | { kind: 'unlabelled'; builds: { of: readonly string[] } | { otherThan: readonly string[] } };

export interface ManifestLine {
  name: Names;
  source: Names;
  arch: Architectures | undefined;
  build: BuildKind;
  /** `fixed`: builds of the flavour of this one only, among these; undefined: any. */
  flavour?: { fixed: string; of: readonly Flavour[] } | undefined;
  /** The version that is compared with a limit; undefined: none. */
  capture: VersionField | undefined;
}

const any = String.raw`[^\t\n]+`;

/** Lines of the vendor's packages, by key and vendor: name, EVR, architecture, source, its EVR, module, key, label, vendor. */
export function linesInManifest(vendor: RpmVendor, major: string, line: ManifestLine): TextObject {
  const { name, source, arch, build, flavour, capture } = line;
  const version = (field: VersionField) => (capture === field ? `(${any})` : any);
  const fields = [
    names(name),
    ofFlavour(flavour) + ownVersion(major, build) + version('own'),
    architectures(arch),
    names(source),
    version('source'),
    moduleField(build),
  ];
  const pattern = String.raw`^(?!#)${fields.join(String.raw`\t`)}\t${signed(vendor, labelVersion(major, build))}$`;
  return { kind: 'text', file: manifestFile, pattern, instance: 'every' };
}

function ofFlavour(flavour: ManifestLine['flavour']): string {
  const end = String.raw`(?=\t)`;
  return flavour
    ? flavourAhead(flavourOf(flavour.fixed, flavour.of), flavour.of, { any: String.raw`[^\t\n]*`, end })
    : '';
}

function moduleField(build: BuildKind): string {
  if (build.kind === 'any') return any;
  return build.kind === 'labelled' ? escapePattern(build.module) : '-';
}

function names(field: Names): string {
  if ('is' in field) return escapePattern(field.is);
  return field.not.length === 0 ? any : String.raw`(?!(?:${field.not.map(escapePattern).join('|')})\t)${any}`;
}

function architectures(arch: Architectures | undefined): string {
  if (arch === undefined) return any;
  if ('of' in arch) return `(?:${arch.of.map(escapePattern).join('|')})`;
  return names({ not: arch.otherThan });
}

/** Conditions on the package's own EVR, as look-aheads. */
function ownVersion(major: string, build: BuildKind): string {
  if (build.kind === 'labelled' || build.kind === 'any') return '';
  if (build.kind === 'unlabelled') {
    const tag = String.raw`[^\t\n]*${moduleMark}${major}[^+\t\n]*\+`;
    if ('of' in build.builds) return String.raw`(?=${tag}(?:${build.builds.of.join('|')})\+)`;
    const { otherThan } = build.builds;
    return otherThan.length === 0
      ? String.raw`(?=[^\t\n]*${moduleMark}\d)`
      : String.raw`(?=[^\t\n]*${moduleMark}\d)(?!${tag}(?:${otherThan.join('|')})\+)`;
  }
  const line = build.line ? String.raw`(?=(?:\d+:)?${linePattern(build.line)}[.-])` : '';
  const outside = String.raw`${line}(?![^\t\n]*${moduleMark}\d)`;
  const tag = String.raw`[^\t\n]*${minorTag(major)}`;
  if (build.minor === undefined) return outside;
  if (build.minor === 'none') return String.raw`${outside}(?!${tag}\d)`;
  return String.raw`${outside}(?=${tag}(?:${numbers(build.minor)})(?!\d))`;
}

/** Version of MODULARITYLABEL: major, two digits of minor, two of patch, time (8100020240814102525). */
function labelVersion(major: string, build: BuildKind): string {
  if (build.kind !== 'labelled' || build.minor === undefined) return any;
  if (build.minor === 'none') return String.raw`(?!${major}\d{18}\t)${any}`;
  return String.raw`${major}(?:${twoDigits(build.minor)})\d{16}`;
}

function twoDigits({ from, to = 99 }: MinorRange): string {
  return Array.from({ length: to - from + 1 }, (_, at) => String(from + at).padStart(2, '0')).join('|');
}

/** A key of the vendor; or no known key of others, and a vendor that is this one or unknown. */
function signed(maker: RpmVendor, label: string): string {
  const keys = keysOf(maker);
  const names = [maker, ...(maker.alsoOf ?? [])].map(({ name }) => escapePattern(name.replaceAll(' ', '_')));
  // Without known keys no package can be attributed by its signature.
  const own = String.raw`(?:${keys.own.join('|') || '(?!)'})\t${label}\t${any}`;
  const vendor = String.raw`(?:-|(?:${names.join('|')})(?![A-Za-z0-9])[^\t\n]*)`;
  const other = String.raw`(?!(?:${keys.foreign.join('|')})\t)${any}\t${label}\t${vendor}`;
  return `(?:${own}|${other})`;
}

/** The minor in the manifest's first line; `none`: none of this major. */
export function manifestMinorTest(platform: string, major: string, minor: MinorRange | 'none'): Test {
  const head = String.raw`\A#platform ${escapePattern(platform)} `;
  const [what, pattern] =
    minor === 'none'
      ? ['no minor', String.raw`(?!${major}\.\d)`]
      : [`${major}.${rangeText(minor)}`, String.raw`${major}\.(?:${numbers(minor)})(?!\d)`];
  const object: TextObject = {
    kind: 'text',
    file: manifestFile,
    pattern: head + pattern,
    instance: 'first',
  };
  return { comment: `the manifest is of ${what}`, object };
}

/** dnf's record of a module, in the manifest. */
export function manifestModuleTest(module: string): Test {
  const pattern = `^#module ${escapePattern(module)}$`;
  const object: TextObject = { kind: 'text', file: manifestFile, pattern, instance: 'first' };
  return { comment: `the manifest has module ${module} enabled`, object };
}
