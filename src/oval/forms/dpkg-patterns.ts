import type { TextObject } from '../document/components.ts';
import type { DpkgBuild } from './dpkg-rule.ts';

// A stanza of an installed package in /var/lib/dpkg/status, whatever its selection (hold, deinstall).
const status = String.raw`Status: \S+ \S+ (?:installed|unpacked|half-configured|triggers-\w+)\n`;
// Essential:, Protected: and others may be between Package and Status, Priority and others before Source.
const untilStatus = String.raw`(?:(?!Status:)\S[^\n]*\n)*`;
const untilVersion = String.raw`(?:(?!Source:|Version:)\S[^\n]*\n)*`;

/**
 * Every installed binary package of a source, with the SOURCE's version in group 1. dpkg spells a source in three
 * ways: `Source: N` with the binary's version, `Source: N (V)`, and nothing where binary and source share the name.
 * A branch reset (?|..) makes group 1 of all three. The match begins at `Package:`, so results name the binary.
 */
export function sourceInStatus(source: string, build?: DpkgBuild): TextObject {
  return {
    kind: 'text',
    file: { filepath: '/var/lib/dpkg/status' },
    pattern: sourcePattern(source, untilStatus + status + untilVersion, build),
    instance: 'every',
  };
}

// Distroless images have one stanza per file and no Status line; other files there are digests and scripts.
const statusDirectory = {
  path: '/var/lib/dpkg/status.d',
  filenamePattern: String.raw`^(?!.*\.(md5sums|preinst|postinst|prerm|postrm)$)`,
};

export function sourceInStatusDirectory(source: string, build?: DpkgBuild): TextObject {
  return {
    kind: 'text',
    file: statusDirectory,
    pattern: sourcePattern(source, String.raw`(?:(?!Source:|Status:|Version:)\S[^\n]*\n)*`, build),
    instance: 'every',
  };
}

function sourcePattern(source: string, between: string, build: DpkgBuild | undefined): string {
  const name = escapePattern(source);
  const version = build?.version ?? String.raw`\S+`;
  const named =
    String.raw`(?|Source: ${name}\nVersion: (${version})` +
    String.raw`|Source: ${name} \((${build?.version ?? '[^)]+'})\)\nVersion: \S+)`;
  const same = String.raw`${name}\n${between}Version: (${version})`;
  return String.raw`^Package: (?|\S+\n${between}${named}|${same})$`;
}

/**
 * The manifest form: one line per package, made from an inventory, so that OVAL can use all of it:
 * NAME TAB VERSION TAB ARCH TAB SOURCE TAB SOURCE-VERSION TAB MODULE:STREAM|- TAB KEY|-. First line: `#platform ID DETAIL`.
 */
export const manifestFile = { path: '.', filename: 'manifest' } as const;

const field = String.raw`[^\t\n]+\t`;

export function sourceInManifest(source: string, build?: DpkgBuild): TextObject {
  const capture = build?.version ?? String.raw`\S+`;
  const pattern = String.raw`^[^#\t\n][^\t\n]*\t${field}${field}${escapePattern(source)}\t(${capture})\t`;
  return { kind: 'text', file: manifestFile, pattern, instance: 'every' };
}

export function anythingInManifest(): TextObject {
  const pattern = String.raw`^[^#\t\n][^\t\n]*\t${field}${field}${field}${field}`;
  return { kind: 'text', file: manifestFile, pattern, instance: 'first' };
}

export function platformInManifest(platform: string): TextObject {
  const pattern = String.raw`\A#platform ${escapePattern(platform)}(?: |$)`;
  return { kind: 'text', file: manifestFile, pattern, instance: 'first' };
}

/** Any installed package at all: the coverage definition. */
export function anythingInStatus(): TextObject {
  const pattern = String.raw`^Package: \S+\n${untilStatus}${status.slice(0, -2)}$`;
  return { kind: 'text', file: { filepath: '/var/lib/dpkg/status' }, pattern, instance: 'first' };
}

export function anythingInStatusDirectory(): TextObject {
  return { kind: 'text', file: statusDirectory, pattern: String.raw`^Package: \S+$`, instance: 'first' };
}

/** A PCRE that matches exactly this text. */
export function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
