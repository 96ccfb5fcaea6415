import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { readInventory } from '../../src/inventory/index.ts';
import { compareApk, compareDpkg, compareRpmEvr } from '../../src/packaging/index.ts';
import { dataPath } from '../support/data.ts';
import { dirView } from '../support/dir-view.ts';
import { type Finding, type Judge, withoutZeroEpoch } from './judge.ts';

export interface GrypeRow {
  vulnerability: string;
  package: string;
  blob: string;
  /** The vulnerability's own blob. */
  about: string;
}

/** Rows by Debian's sqlite3, not by the library that wrote them. */
export function sqliteRows<T>(path: string, sql: string): T[] {
  const text = execFileSync('sqlite3', ['-json', '-readonly', path, sql], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return text.trim() === '' ? [] : (JSON.parse(text) as T[]);
}

/** The rows of the system that Grype would take: the exact minor, else the major alone. */
export function rowsOfSystem(path: string, name: string, major: string, minor: string): GrypeRow[] {
  const [system] = sqliteRows<{ id: number }>(
    path,
    `select id from operating_systems where name = '${name}' and major_version = '${major}' and channel = '' ` +
      `and minor_version in ('${minor}', '') order by minor_version desc limit 1`,
  );
  return sqliteRows<GrypeRow>(
    path,
    'select v.name vulnerability, p.name package, b.value blob, vb.value about from affected_package_handles a ' +
      'join vulnerability_handles v on v.id = a.vulnerability_id join packages p on p.id = a.package_id ' +
      `join blobs b on b.id = a.blob_id join blobs vb on vb.id = v.blob_id where a.operating_system_id = ${system?.id ?? -1}`,
  );
}

/** The blobs of a database that are not as Grype's JSON Schema has them. */
export function blobFaults(path: string): { blobs: number; faults: string[] } {
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  const schema = dataPath('schemas/anchore+grype/schema/grype/db/blob/json/schema-6.1.9.json');
  const { $defs } = JSON.parse(readFileSync(schema, 'utf8'));
  // The schema's own root is "one of", and a package's blob has no field that it must have.
  const kindOf = (blob: object) =>
    'ranges' in blob
      ? 'PackageBlob'
      : 'cve' in blob
        ? 'KnownExploitedVulnerabilityBlob'
        : 'VulnerabilityBlob';
  const blobs = sqliteRows<{ value: string }>(path, 'select value from blobs');
  const faults = blobs.flatMap(({ value }) => {
    const blob = JSON.parse(value) as object;
    const validate = ajv.compile({ $defs, $ref: `#/$defs/${kindOf(blob)}` });
    return validate(blob) ? [] : `${value} ${ajv.errorsText(validate.errors)}`;
  });
  return { blobs: blobs.length, faults };
}

interface PackageBlob {
  qualifiers?: { rpm_modularity?: string; architecture?: string };
  ranges: { version: { constraint: string }; fix: { version?: string } }[];
}

/** A root's findings in Grype's database, by our own SQL in the order of Grype's look-ups. */
export function grypeJudge(name: string, major: string, minor = ''): Judge {
  return {
    target: 'grype',
    findings(exported, root) {
      const byPackage = new Map<string, GrypeRow[]>();
      for (const row of rowsOfSystem(join(exported, 'grype/vulnerability.db'), name, major, minor))
        byPackage.set(row.package, [...(byPackage.get(row.package) ?? []), row]);
      return readInventory(dirView(root)).packages.flatMap((pkg): Finding[] => {
        const bySource = pkg.type !== 'rpm';
        const looked = (bySource ? pkg.source.name : pkg.name).toLowerCase();
        const version = bySource ? pkg.source.version : pkg.version;
        return (byPackage.get(looked) ?? []).flatMap(({ vulnerability, blob, about }) => {
          const { qualifiers, ranges } = JSON.parse(blob) as PackageBlob;
          const module = qualifiers?.rpm_modularity;
          if (module !== undefined && module !== (pkg.module ?? '')) return [];
          if (qualifiers?.architecture !== undefined && qualifiers.architecture !== pkg.arch) return [];
          const fixed = ranges[0]!.version.constraint.replace(/^< /, '');
          // It compares epochs if both sides have one.
          const compared = fixed.includes(':') ? version : version.replace(/^\d+:(?=.*-)/, '');
          const below =
            fixed === '' || orders[pkg.type]!(pkg.type === 'rpm' ? compared : version, fixed) === -1;
          if (!below) return [];
          return [
            {
              vulnerability,
              package: pkg.name,
              version: withoutZeroEpoch(pkg.version),
              fixed: withoutZeroEpoch(fixed),
              severity: vendorWordOf(about),
            },
          ];
        });
      });
    },
    uncovered: {
      other_origin: 'other_origin',
      not_covered: 'foreign_vendor',
      half_installed: 'half_installed',
      unparsable_version: 'unparsable_version',
      undecidable: 'no_module_label',
    },
    rules: new Set([
      ...['other_origin', 'foreign_vendor', 'half_installed', 'unparsable_version', 'no_module_label'],
      ...['build_of_another_channel', 'build_of_another_minor', 'several_sources'],
    ]),
    rule({ type, version, source, module, modularityLabel }) {
      if (type === 'rpm') {
        if (module === undefined && /\.module[+_][a-z]+\d/.test(version)) return 'no_module_label';
        if (modularityLabel !== undefined || /\.el\d+_\d/.test(version)) return 'build_of_another_minor';
        return source.name !== '' && /^src\d+x\d+-/.test(source.name) ? 'several_sources' : undefined;
      }
      return /[+~]esm\d|fips/i.test(source.version) ? 'build_of_another_channel' : undefined;
    },
  };
}

/** The distribution's word in a vulnerability's blob; Grype shows the first by rank. */
function vendorWordOf(about: string): string {
  const { severities = [] } = JSON.parse(about) as { severities?: { scheme: string; value: string }[] };
  return severities.find(({ scheme }) => scheme === 'CHMLN')?.value ?? 'unknown';
}

const orders: Readonly<Record<string, typeof compareApk>> = {
  apk: compareApk,
  deb: compareDpkg,
  rpm: compareRpmEvr,
  oci: compareRpmEvr,
};
