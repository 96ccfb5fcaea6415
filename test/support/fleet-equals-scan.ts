import { expect } from 'vitest';
import { openSubject } from '../../src/cli/options/subject.ts';
import type { FleetContext } from '../../src/fleet/fleet.ts';
import { verdictColumns, verdictRow } from '../../src/fleet/store/verdicts.ts';
import { judge } from '../../src/runtime/index.ts';
import { noHome } from './temporary.ts';

type Row = Readonly<Record<string, unknown>>;

/** Compares each image in the fleet with a scan by the same feed: every verdict, and every package without one. */
export async function expectScans(
  { database, feed }: FleetContext,
  references: readonly string[],
): Promise<void> {
  for (const reference of references) {
    const { image, inventory } = await openSubject(reference, { 'no-cache': true } as never, {
      HOME: noHome(),
    });
    const { verdicts, uncovered } = judge(feed, inventory, { now: new Date(feed.manifest.created) });
    image.close();
    const ofPackage = ({ name, version, arch }: { name: string; version: string; arch: string }) => [
      name,
      version,
      arch,
    ];
    const scanned = verdicts.map((verdict) => [
      ...ofPackage(verdict.package),
      ...valuesOf(verdictRow(verdict)),
    ]);
    const unjudged = uncovered
      .filter(({ reason }) => reason !== 'half_installed')
      .map((each) => [...ofPackage(each.package), each.reason, each.detail ?? null]);

    const kept = await database.query<Row>(
      `SELECT packages.name, packages.version, packages.arch, ${verdictColumns.map((column) => `verdicts.${column}`).join(', ')}
       FROM fleet.verdicts JOIN fleet.packages ON packages.id = package WHERE to_run IS NULL AND package = ANY(${packagesOf})`,
      [reference],
    );
    const keptUnjudged = await database.query<Row>(
      `SELECT packages.name, packages.version, packages.arch, reason, detail
       FROM fleet.uncovered JOIN fleet.packages ON packages.id = package WHERE to_run IS NULL AND package = ANY(${packagesOf})`,
      [reference],
    );
    expect(sorted(kept.map((row) => Object.values(row))), reference).toEqual(sorted(scanned));
    expect(sorted(keptUnjudged.map((row) => Object.values(row))), reference).toEqual(sorted(unjudged));
  }
}

const packagesOf = `(SELECT packages FROM fleet.images JOIN fleet.name_images ON image = images.id
  JOIN fleet.names ON names.id = name_images.name WHERE reference = $1 AND until IS NULL)::integer[]`;

function valuesOf(row: Row): unknown[] {
  return verdictColumns.map((column) => row[column]);
}

/** Two databases may list a package twice: once is enough. */
function sorted(rows: readonly unknown[]): string[] {
  return [...new Set(rows.map((row) => JSON.stringify(row)))].sort();
}
