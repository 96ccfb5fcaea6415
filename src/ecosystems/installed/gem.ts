import type { PackageFile } from '../../model/inventory/index.ts';
import { beginningOfFile, type InstalledForm } from './form.ts';
import { packageFile, statedPackage } from './stated.ts';
import { isTestData } from './test-data.ts';

/** The installer writes name and version first; a list of files can follow. */
const mostBytes = 64 << 10;

const place = /\/specifications\/(?:default\/)?[^/]+\.gemspec$/;

const begins = /^\s*Gem::Specification\.new\s+do\s*\|(\w+)\|/;
const assigns = /^\s*(\w+)\.(name|version)\s*=\s*(?:"([^"\\]*)"|'([^'\\]*)'|%q[{<(]([^}>)]*)[}>)])/;
/** Stub line, which RubyGems reads instead of the code: name, version, platform, folders (`# stub: rake 13.2.1 ruby lib`). */
const stub = /^# stub: (\S+) (\S+) /;

/**
 * Specifications that RubyGems writes when it installs a gem, and those of the gems that come with Ruby (`default`), which are
 * installed as any other.
 */
export const gem: InstalledForm = {
  name: 'gemspec',
  begin(path) {
    if (!place.test(path) || isTestData(path)) return undefined;
    return beginningOfFile({ mostBytes, isEnough: () => false }, (bytes) =>
      readSpecification(bytes.toString('utf8')),
    );
  },
};

/** Literals are read, no code: the installer writes nothing else. A specification that Ruby could not load still has its gem. */
function readSpecification(text: string): PackageFile {
  const stated: Partial<Record<string, string>> = {};
  let stubbed: { name: string; version: string } | undefined;
  let variable: string | undefined;
  for (const line of text.split('\n')) {
    const [, name, version] = stub.exec(line) ?? [];
    if (name !== undefined && version !== undefined) stubbed ??= { name, version };
    variable ??= begins.exec(line)?.[1];
    const [, of, member, ...literals] = assigns.exec(line) ?? [];
    if (of === undefined || of !== variable) continue;
    stated[member!] ??= literals.find((literal) => literal !== undefined)!;
  }
  const isWhole = stated['name'] !== undefined && stated['version'] !== undefined;
  const { name, version } = isWhole ? stated : { ...stated, ...stubbed };
  return packageFile([statedPackage('gem', name, version)]);
}
