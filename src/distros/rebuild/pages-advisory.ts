import { parseRpmEvr } from '../../packaging/index.ts';
import {
  type ErratumPackage,
  type Fault,
  moduleWord,
  ofThisCentury,
  packageName,
} from '../../sources/errata/erratum.ts';
import { readRows, subjectsIn } from '../../sources/errata/rows.ts';
import { list, malformed, optionalText, record, text, textOrNone, word } from '../../sources/fields.ts';
import { parseJsonText } from '../../sources/foreign-record.ts';

/** An advisory of the API: what one update fixed, in which builds of which products. */
export interface Advisory {
  /** `RLSA-2025:21816`; RLBA is a bug fix, RLEA an enhancement, RXSA of an extra repository. */
  name: string;
  /** `Security`, `Bug Fix`, `Enhancement`. */
  kind: string;
  severity: string;
  synopsis: string;
  description: string;
  /** Seconds since 1970. */
  published: number | undefined;
  updated: number | undefined;
  cves: readonly string[];
  packages: readonly AdvisoryPackage[];
  /** Rows of packages that do not have their form. */
  faults: readonly Fault[];
}

/** One build in one product. */
export interface AdvisoryPackage extends ErratumPackage {
  /** `Rocky Linux 9 x86_64`, `Rocky Linux 8.4 aarch64 (Legacy)`, `Rocky Linux SIG Cloud 8`. */
  product: string;
}

/** @throws SOURCE_NOT_JSON, SOURCE_MALFORMED; by parseRecord */
export function parseAdvisory(json: string, at: string, idForm: RegExp): Advisory {
  const raw = record(parseJsonText(json), '');
  const name = word(raw['name'], '/name');
  if (!idForm.test(name)) throw malformed('/name', 'the id of an advisory', name);
  return {
    name,
    kind: optionalText(raw['kind'], '/kind') ?? '',
    severity: optionalText(raw['severity'], '/severity') ?? '',
    synopsis: textOrNone(raw['synopsis']) ?? '',
    description: textOrNone(raw['description']) ?? '',
    published: seconds(raw['published_at']),
    updated: seconds(raw['updated_at']),
    cves: cvesOf(raw['cves']),
    ...readRows(raw['packages'], at, readPackage, named),
  };
}

/** `delve-0:1.25.2-1.el10_1.aarch64.rpm`: the epoch is in it, and may be missing where it is 0. */
const nevraForm =
  /^(?<name>.+)-(?:(?<epoch>\d{1,10}):)?(?<version>[^-:]+)-(?<release>[^-:]+)\.(?<arch>[a-z0-9_]+)$/;

/** The name and the product in a row that does not have its form otherwise. */
function named(raw: unknown): { package?: string; product?: string } {
  const { nevra, product_name: product } = (raw ?? {}) as { nevra?: unknown; product_name?: unknown };
  const name = typeof nevra === 'string' ? /^([^:]+?)-(?:[^:-]*:)?\d/.exec(nevra)?.[1] : undefined;
  return {
    ...(name === undefined ? {} : { package: name }),
    ...(typeof product === 'string' ? { product } : {}),
  };
}

/** Packages and products of an advisory that cannot be read; undefined: it is no JSON of an object. */
export function subjectsOf(json: string | undefined): Pick<Fault, 'package' | 'product'>[] {
  return subjectsIn(json, named);
}

function readPackage(raw: Record<string, unknown>, pointer: string): AdvisoryPackage {
  const nevra = word(raw['nevra'], '/nevra');
  const parts = nevraForm.exec(nevra.replace(/\.rpm$/, ''))?.groups;
  if (!parts || !packageName.test(parts['name']!))
    throw malformed('/nevra', 'NAME-EPOCH:VERSION-RELEASE.ARCH.rpm', nevra);
  const evr = `${Number(parts['epoch'] ?? 0)}:${parts['version']}-${parts['release']}`;
  if (parseRpmEvr(evr) === undefined) throw malformed('/nevra', 'version and release of an rpm', nevra);
  return {
    name: parts['name']!,
    evr,
    arch: parts['arch']!,
    module: moduleOf(raw),
    product: text(raw['product_name'], '/product_name'),
    pointer,
  };
}

/** Undefined: the row names none. */
function moduleOf(raw: Record<string, unknown>): string | undefined {
  const name = optionalText(raw['module_name'], '/module_name') ?? '';
  const stream = optionalText(raw['module_stream'], '/module_stream') ?? '';
  if (name === '' && stream === '') return undefined;
  if (!moduleWord.test(name)) throw malformed('/module_name', 'the name of a module', name);
  if (!moduleWord.test(stream)) throw malformed('/module_stream', 'the stream of a module', stream);
  return `${name}:${stream}`;
}

function cvesOf(value: unknown): string[] {
  const ids = list<unknown>(value, '/cves').map((item, index) =>
    text(record(item, `/cves/${index}`)['cve'], `/cves/${index}/cve`).trim(),
  );
  return [...new Set(ids)];
}

/** Of `2025-11-27T09:11:22.820964+00:00`. */
function seconds(value: unknown): number | undefined {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
  return typeof value === 'string' && form.test(value)
    ? ofThisCentury(Math.floor(Date.parse(value) / 1000))
    : undefined;
}
