import { compareAlpm, parseAlpmVersion } from '../../packaging/index.ts';
import { list, malformed, optionalText, record, text, texts } from '../../sources/fields.ts';
import type { BulletinEntry, BulletinReader, BulletinRecord } from './records.ts';

/** States of a group in Arch's tracker, the one to be followed first where several groups name a flaw of a package. */
const groupStates = ['Vulnerable', 'Testing', 'Fixed', 'Unknown', 'Not affected'] as const;

/** A vulnerability group (AVG): flaws that binary packages of one version have. */
interface ArchGroup extends BulletinRecord {
  /** `AVG-2851` */
  id: string;
  state: (typeof groupStates)[number];
  /** Newest version that was found affected, or was looked at. */
  affected: string;
  /** First version without the flaws. In the state `Fixed` it is always there; in others it decides nothing, but in `Testing`. */
  fixed: string | undefined;
  /** The highest fix of other groups: every older version has the flaw. */
  below?: string;
}

/** The repository that has a fix before all others. */
const testing = 'testing';

/** `[{name, packages[], status, severity, affected, fixed, issues[], advisories[]}]` */
export const archReader: BulletinReader<ArchGroup> = {
  entries(document) {
    const ids = new Set<string>();
    return list<unknown>(document, '').map((value, at): BulletinEntry<ArchGroup> => {
      const read = () => {
        const group = readGroup(value, at);
        if (ids.has(group.id)) throw malformed('/name', 'each id once', group.id);
        ids.add(group.id);
        return group;
      };
      return { ...named(value, at), read };
    });
  },
  outcome({ state, affected, fixed, below }) {
    switch (state) {
      case 'Fixed':
        return { status: 'fixed', fixed: fixed! };
      case 'Testing':
        return { status: 'affected', fixState: 'other_channel', reason: testing, channelFix: fixed! };
      case 'Vulnerable':
        return { status: 'affected', fixState: 'none_yet', range: rangeOf(affected, below) };
      case 'Unknown':
        return { status: 'under_investigation' };
      case 'Not affected':
        return { status: 'not_affected' };
    }
  },
  evidence: ({ id }) => `/${id}/{package}/{vulnerability}`,
  doubts: ({ state, fixed }) =>
    state === 'Vulnerable' && fixed !== undefined
      ? [['fix_not_confirmed', `${fixed} beside the status Vulnerable`]]
      : [],
  joined,
};

/** The more cautious of two groups about one flaw of a package, with what the other says of its fix. */
function joined(a: ArchGroup, b: ArchGroup): ArchGroup {
  const first = isMoreCautious(b, a) ? b : a;
  const below = [fixOf(a), fixOf(b), a.below, b.below].reduce(higher);
  return below === undefined ? first : { ...first, below };
}

/** Of two with a fix the higher one decides, otherwise the state; of equal ones the higher versions. */
function isMoreCautious(a: ArchGroup, b: ArchGroup): boolean {
  const [fix, other] = [fixOf(a), fixOf(b)];
  const order = fix !== undefined && other !== undefined ? compareAlpm(fix, other) : 0;
  if (order !== 0) return order === 1;
  const [state, known] = [a, b].map((each) => groupStates.indexOf(each.state));
  return state === known ? compareAlpm(a.affected, b.affected) === 1 : state! < known!;
}

/** The fixed version, for states that have one. */
function fixOf({ state, fixed }: ArchGroup): string | undefined {
  return state === 'Fixed' || state === 'Testing' ? fixed : undefined;
}

function higher(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareAlpm(a, b) === -1 ? b : a;
}

/** Up to the version that was found affected, or below the fix of another group if that is higher. */
function rangeOf(affected: string, below: string | undefined): string {
  const isBelow = below !== undefined && compareAlpm(affected, below) === -1;
  return isBelow ? `<${encodeURIComponent(below)}` : `<=${encodeURIComponent(affected)}`;
}

const groupId = /^AVG-\d{1,9}$/;
const packageName = /^[a-z0-9@_+][a-z0-9@._+-]{0,254}$/;

function readGroup(value: unknown, at: number): ArchGroup {
  const raw = record(value, '');
  const id = formed(raw['name'], '/name', groupId, 'the id of a group');
  const state = groupStates.find((each) => each === raw['status']);
  if (state === undefined) throw malformed('/status', 'a status of the tracker', raw['status']);
  const packages = all(raw['packages'], '/packages', packageName, 'the name of a package');
  if (packages.length === 0) throw malformed('/packages', 'at least one package', undefined);
  // A group without flaws has an empty list; a member of another name would be one without flaws.
  if (!Array.isArray(raw['issues'])) throw malformed('/issues', 'a list', raw['issues']);
  const affected = version(raw['affected'], '/affected');
  const stated = optionalText(raw['fixed'], '/fixed');
  const fixed = stated === undefined ? undefined : version(stated, '/fixed');
  if (fixed === undefined && (state === 'Fixed' || state === 'Testing'))
    throw malformed('/fixed', 'the version of the fix', stated);
  if (state === 'Fixed' && compareAlpm(affected, fixed!) !== -1)
    throw malformed('/fixed', `a version above ${affected}`, fixed);
  return {
    ...{ pointer: `/${at}`, place: `/${id}`, id, packages, state, affected, fixed },
    vulnerabilities: all(raw['issues'], '/issues', /^CVE-\d{4}-\d{4,15}$/, 'the id of a CVE'),
    severity: text(raw['severity'], '/severity'),
    advisories: all(
      raw['advisories'],
      '/advisories',
      /^ASA-\d{6}-\d{1,5}$/,
      'the id of an advisory',
    ).toSorted(),
  };
}

function formed(value: unknown, pointer: string, form: RegExp, expected: string): string {
  if (typeof value !== 'string' || !form.test(value)) throw malformed(pointer, expected, value);
  return value;
}

function all(value: unknown, pointer: string, form: RegExp, expected: string): string[] {
  return [
    ...new Set(texts(value, pointer).map((each, at) => formed(each, `${pointer}/${at}`, form, expected))),
  ];
}

function version(value: unknown, pointer: string): string {
  const found = text(value, pointer);
  if (parseAlpmVersion(found)?.release === undefined)
    throw malformed(pointer, 'a version with its release', found);
  return found;
}

/** Place and packages of a group, whatever its form. */
function named(value: unknown, at: number): Pick<BulletinEntry<ArchGroup>, 'place' | 'packages'> {
  const { name, packages } = (value ?? {}) as { name?: unknown; packages?: unknown };
  const known: unknown[] = Array.isArray(packages) ? packages : [];
  return {
    place: typeof name === 'string' && groupId.test(name) ? `/${name}` : `/${at}`,
    packages: known.filter((each): each is string => typeof each === 'string' && packageName.test(each)),
  };
}
