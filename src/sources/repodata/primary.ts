import { decompress } from '../../io/decompress.ts';
import { ownText } from '../../io/private-cache.ts';
import { ScapfeedError } from '../../model/error.ts';
import { sourceOfRpm } from '../../packaging/rpm/package.ts';
import { parseRpmEvr } from '../../packaging/rpm/version.ts';
import { malformedMetadata, readMetadata } from './read-metadata.ts';

/** A source package and one of its builds, `VERSION-RELEASE`. */
export interface BuiltSource {
  name: string;
  version: string;
  /** The package itself, if it has the version of its source; a source package is none. */
  binary?: string;
}

export interface PrimarySink {
  /** The source of a package; a module's build shows it in its release. */
  source(build: BuiltSource): void;
  /** A package that is not as it should be; `at` counts from 1. */
  malformed(at: number, detail: string): void;
  /** A package that was listed before. */
  repeated(at: number, detail: string): void;
}

/** Unpacked; those of Tumbleweed have some 250 MB. */
const maxPlainBytes = 2 ** 30;

/** Twelve times those of Leap. */
const maxPackages = 500_000;

/** A package is a file, and no file's name is longer. */
const maxWordLength = 255;

/** Of the names and versions of all packages, which are kept until the end; those of Tumbleweed have some 7 MB. */
const maxKeptBytes = 2 ** 26;

const common = 'http://linux.duke.edu/metadata/common';
const rpm = 'http://linux.duke.edu/metadata/rpm';

/** A name as rpm allows it: nothing that a line or a path would take for more. */
const word = /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/;

type Field = 'name' | 'arch' | 'sourceRpm';

/**
 * Reads the sources of all packages that a repository's primary.xml lists, in any compression. Returns how many packages
 * there are, and how many it says there are.
 * @throws SOURCE_MALFORMED, SOURCE_TOO_LARGE
 */
export async function readPrimary(
  body: AsyncIterable<Uint8Array>,
  where: string,
  sink: PrimarySink,
): Promise<{ packages: number; declared: number | undefined }> {
  const known = new Set<string>();
  let declared: number | undefined;
  let packages = 0;
  let kept = 0;
  let inFormat = false;
  let pkg: Listed = {};
  let field: Field = 'name';
  await readMetadata(decompress(body, { maxBytes: maxPlainBytes, where }), where, {
    attributesTo: 3,
    open(ns, name, depth, attributes) {
      if (depth === 1) {
        if (ns !== common || name !== 'metadata')
          throw malformedMetadata(`expected the element metadata, found ${name.slice(0, 80)}`, where);
        declared = /^\d{1,9}$/.test(attributes['packages'] ?? '')
          ? Number(attributes['packages'])
          : undefined;
      }
      if (depth === 2) {
        packages += 1;
        if (packages > maxPackages) throw tooLarge(`${maxPackages} packages in a repository`, where);
        pkg =
          ns === common && name === 'package' && attributes['type'] === 'rpm'
            ? {}
            : { fault: `no rpm: ${name.slice(0, 80)}` };
      }
      if (depth === 3) {
        inFormat = ns === common && name === 'format';
        if (ns === common && name === 'version') once(pkg, 'evr', evrOf(attributes));
      }
      if (depth === 3 && ns === common && (name === 'name' || name === 'arch')) field = name;
      else if (depth === 4 && inFormat && ns === rpm && name === 'sourcerpm') field = 'sourceRpm';
      else return false;
      return true;
    },
    text(text) {
      once(pkg, field, text);
    },
    close(depth) {
      if (depth !== 2) return;
      const fault = pkg.fault ?? faultOf(pkg);
      const { name = '', evr = '', arch = '' } = pkg;
      const id = ownText(`${name}-${evr}.${arch}`);
      if (fault !== undefined) sink.malformed(packages, fault);
      else if (known.has(id)) sink.repeated(packages, id);
      else {
        const build = sourceBuild(pkg)!;
        kept += id.length + build.name.length + build.version.length;
        if (kept > maxKeptBytes) throw tooLarge(`${maxKeptBytes} bytes of names and versions`, where);
        known.add(id);
        const isBinary = arch !== 'src' && arch !== 'nosrc' && withoutEpoch(evr) === build.version;
        sink.source({
          name: ownText(build.name),
          version: ownText(build.version),
          ...(isBinary ? { binary: ownText(name) } : {}),
        });
      }
    },
  });
  return { packages, declared };
}

/** A package as it is read. */
interface Listed {
  name?: string;
  arch?: string;
  evr?: string;
  sourceRpm?: string;
  fault?: string;
}

function once(pkg: Listed, field: Field | 'evr', value: string): void {
  if (pkg[field] !== undefined) pkg.fault ??= `${field} twice`;
  pkg[field] = value;
}

function evrOf({ epoch = '0', ver = '', rel = '' }: Readonly<Record<string, string>>): string {
  return `${epoch}:${ver}-${rel}`;
}

function faultOf(pkg: Listed): string | undefined {
  const { name = '', arch = '', evr = '' } = pkg;
  const [long] = Object.entries(pkg).find(([, text]) => text.length > maxWordLength) ?? [];
  if (long !== undefined) return `${name.slice(0, 80)}: ${long} longer than ${maxWordLength} characters`;
  if (!word.test(name)) return `no name of a package: ${JSON.stringify(name.slice(0, 80))}`;
  if (!word.test(arch)) return `${name}: no architecture`;
  if (/[^!-~]/.test(evr) || parseRpmEvr(evr)?.release === undefined) return `${name}: no version of an rpm`;
  const source = sourceBuild(pkg);
  if (source === undefined) return `${name}: no name of a source package`;
  const isBuild = word.test(source.name) && !/[^!-~]/.test(source.version);
  return isBuild && parseRpmEvr(source.version)?.release !== undefined
    ? undefined
    : `${name}: no source package: ${JSON.stringify(pkg.sourceRpm!.slice(0, 80))}`;
}

/** A source package is its own source. */
function sourceBuild({ name, arch, evr, sourceRpm }: Listed): BuiltSource | undefined {
  if (arch === 'src' || arch === 'nosrc') return { name: name!, version: withoutEpoch(evr!) };
  return sourceOfRpm(sourceRpm);
}

function withoutEpoch(evr: string): string {
  return evr.slice(evr.indexOf(':') + 1);
}

function tooLarge(limit: string, where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_TOO_LARGE',
    message: `expected at most ${limit}, found more`,
    where,
  });
}
