import type { Conditions, ObjectCondition } from '../oval/conditions.ts';
import { type Collection, collection, failure, makeItem, type OvalItem } from '../oval/items.ts';
import { unitFileState } from '../systemd/unit-file-state.ts';
import { parseUnitName } from '../systemd/unit-name.ts';
import { type Unit, type Units, unitFiles } from '../systemd/units.ts';
import type { Probe, ProbeContext } from './probe.ts';

/**
 * linux systemdunitproperty: the properties of a unit that follow from the unit files of an image, all but its state at run time.
 * Only a masked unit has such a state: systemd never starts it.
 */
export const systemdUnitProperty: Probe = {
  type: 'linux/systemdunitproperty',
  collect: unitProperties,
  reads: unitFiles,
  digests: 'none',
  shows: { place: ['unit'] },
  secret: 'none',
};

function unitProperties(conditions: Conditions, context: ProbeContext): Collection {
  const missing = withoutSystemd(context);
  if (missing) return missing;
  const items: OvalItem[] = [];
  let unknown: string | undefined;
  for (const name of unitNames(conditions, context.units)) {
    const unit = context.units.unit(name) as Unit;
    const known = propertiesOf(unit, context);
    for (const [property, value] of Object.entries(known)) {
      if (conditions.get('property')?.matches(property) !== 'true') continue;
      items.push(makeItem('linux/systemdunitproperty', { unit: name, property, value }));
    }
    const others = unknownProperties(conditions.get('property'), known);
    if (others !== undefined) unknown ??= `${others} of ${name} is known only while systemd runs`;
  }
  if (unknown === undefined) return collection(items);
  return items.length === 0
    ? failure('not collected', unknown)
    : { flag: 'incomplete', items, message: unknown };
}

/** linux systemdunitdependency: what a target requires and wants, and what the targets among that do. */
export const systemdUnitDependency: Probe = {
  type: 'linux/systemdunitdependency',
  collect: unitDependencies,
  reads: unitFiles,
  digests: 'none',
  shows: { place: ['unit'] },
  secret: 'none',
};

function unitDependencies(conditions: Conditions, context: ProbeContext): Collection {
  const missing = withoutSystemd(context);
  if (missing) return missing;
  return collection(
    unitNames(conditions, context.units).map((unit) =>
      makeItem('linux/systemdunitdependency', { unit, dependency: allDependencies(unit, context.units) }),
    ),
  );
}

const systemdPaths = ['/usr/lib/systemd/systemd', '/lib/systemd/systemd'];

/** Without systemd, unit files do not matter: many packages in containers have some. */
function withoutSystemd({ system }: ProbeContext): Collection | undefined {
  if (systemdPaths.some((path) => system.files.stat(path)?.type === 'file')) return undefined;
  return failure('not collected', 'there is no systemd in the image, so it is unknown which units would run');
}

function unitNames(conditions: Conditions, units: Units): string[] {
  const condition = conditions.get('unit');
  const names = condition?.literals ?? units.names.filter((name) => condition?.matches(name) === 'true');
  return names.filter((name) => units.unit(name) !== undefined);
}

type Properties = Readonly<Record<string, string | readonly string[]>>;

/** Properties of `systemctl show` that files decide. Of other units than targets, systemd adds dependencies of its own. */
function propertiesOf(unit: Unit, { units, system }: ProbeContext): Properties {
  const masked = unit.load === 'masked';
  return {
    Id: unit.id,
    Names: unit.names,
    LoadState: unit.load,
    UnitFileState: unitFileState(unit, units, system.files),
    ...(masked ? { ActiveState: 'inactive', SubState: 'dead' } : {}),
    ...(unit.fragment === undefined ? {} : { FragmentPath: unit.fragment }),
    DropInPaths: units.dropIns(unit),
    ...(isTarget(unit.id)
      ? { Requires: units.dependencies(unit, 'Requires'), Wants: units.dependencies(unit, 'Wants') }
      : {}),
  };
}

/** The first requested property that is not known; a pattern may always select more. */
function unknownProperties(condition: ObjectCondition | undefined, known: Properties): string | undefined {
  if (!condition?.literals) return `a property that ${condition?.values.join(' or ')} describes`;
  return condition.literals.find((property) => !Object.hasOwn(known, property));
}

function allDependencies(name: string, units: Units): string[] {
  const found = new Set<string>();
  const pending = [name];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const unit = isTarget(next) ? units.unit(next) : undefined;
    if (!unit) continue;
    for (const id of [...units.dependencies(unit, 'Requires'), ...units.dependencies(unit, 'Wants')]) {
      if (found.has(id)) continue;
      found.add(id);
      pending.push(id);
    }
  }
  return [...found].sort();
}

function isTarget(name: string): boolean {
  return parseUnitName(name)?.type === 'target';
}
