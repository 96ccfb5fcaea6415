import { ScapfeedError } from '../../model/error.ts';
import { list, record } from '../fields.ts';
import { parseJsonText, readRecord } from '../foreign-record.ts';
import type { Fault } from './erratum.ts';

/** The rows of an erratum's packages, read one at a time: one that does not have its form is a fault, and the others count. */
export function readRows<Row>(
  packages: unknown,
  erratum: string,
  readRow: (raw: Record<string, unknown>, pointer: string) => Row,
  named: (raw: unknown) => Pick<Fault, 'package' | 'product'>,
): { packages: Row[]; faults: Fault[] } {
  const rows: Row[] = [];
  const faults: Fault[] = [];
  for (const [index, item] of list<unknown>(packages, '/packages').entries()) {
    const pointer = `${erratum}/packages/${index}`;
    const read = readRecord(pointer, () => readRow(record(item, ''), pointer));
    if (read instanceof ScapfeedError)
      faults.push({ pointer: read.where ?? pointer, message: read.message, ...named(item) });
    else rows.push(read);
  }
  return { packages: rows, faults };
}

type Named = Pick<Fault, 'package' | 'product'>;

/** The subjects of an erratum that does not have its form otherwise, each once; `{}`: unknown. */
export function subjectsIn(json: string | undefined, named: (raw: unknown) => Named): Named[] {
  const packages = readRecord('', () => list<unknown>(record(parseJsonText(json ?? ''), '')['packages'], ''));
  if (packages instanceof ScapfeedError) return [{}];
  const subjects = packages
    .map(named)
    .map((subject) => [`${subject.package}\0${subject.product}`, subject] as const);
  return [...new Map(subjects).values()];
}
