import { pointerStep } from '../../io/json.ts';
import { ScapfeedError } from '../../model/index.ts';
import { parseDpkgVersion } from '../../packaging/index.ts';
import { malformed, optionalText, record } from '../../sources/fields.ts';
import { parseJsonText, readRecord } from '../../sources/foreign-record.ts';
import type { EchoDefinition } from './definition.ts';

/** A vulnerability in a source package. */
export interface EchoRecord {
  package: string;
  vulnerability: string;
  /** Undefined: there is no fix; `0`: it was never affected. */
  fixed: string | undefined;
  /** Absent: Echo does not rate it. */
  severity: string | undefined;
}

export interface EchoFault {
  pointer: string;
  message: string;
  /** Absent if the package cannot be determined. */
  package?: string;
}

/** @throws SOURCE_NOT_JSON, SOURCE_MALFORMED: too many records have another form */
export function readAdvisories(
  text: string,
  where: string,
  { malformedShare, malformedFew }: Pick<EchoDefinition, 'malformedShare' | 'malformedFew'>,
): { records: EchoRecord[]; faults: EchoFault[] } {
  const read = readRecord(where, () => record(parseJsonText(text), ''));
  if (read instanceof ScapfeedError) throw read;
  const records: EchoRecord[] = [];
  const faults: EchoFault[] = [];
  for (const [name, flaws] of Object.entries(read)) {
    const pointer = `/${pointerStep(name)}`;
    const listed = readRecord(pointer, () => {
      if (!/^[a-z0-9][a-z0-9.+-]*$/.test(name)) throw malformed('', 'the name of a source package', name);
      return Object.entries(record(flaws, ''));
    });
    if (listed instanceof ScapfeedError) {
      faults.push({ pointer, message: listed.message, package: name });
      continue;
    }
    for (const [vulnerability, said] of listed) {
      const place = `${pointer}/${pointerStep(vulnerability)}`;
      const one = readRecord(place, () => readFlaw(name, vulnerability, said));
      if (one instanceof ScapfeedError) faults.push({ pointer: place, message: one.message, package: name });
      else records.push(one);
    }
  }
  const allowed = Math.max(malformedFew, malformedShare * (records.length + faults.length));
  if (faults.length <= allowed && records.length > 0) return { records, faults };
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected advisories, found ${faults.length} of ${records.length + faults.length} in another form`,
    where,
    remedy: 'fetch it again; if the format has changed, a newer scapfeed is needed',
  });
}

const idForm = /^(?:CVE-\d{4}-\d{4,15}|TEMP-\d{7}-[0-9A-F]{6}|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3})$/;

function readFlaw(name: string, vulnerability: string, said: unknown): EchoRecord {
  if (!idForm.test(vulnerability)) throw malformed('', 'the id of a vulnerability', vulnerability);
  const raw = record(said, '');
  const fixed = optionalText(raw['fixed_version'], '/fixed_version');
  if (fixed !== undefined && fixed !== never && !parseDpkgVersion(fixed))
    throw malformed('/fixed_version', 'a version of a deb package', fixed);
  const severity = optionalText(raw['severity'], '/severity');
  return { package: name, vulnerability, fixed, severity };
}

/** The version of what was never affected. */
export const never = '0';
