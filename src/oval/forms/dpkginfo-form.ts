import type { Roster, RosterSource } from '../../model/feed/index.ts';
import type { Criterion, DpkgObject, Test } from '../document/components.ts';
import { anythingInStatus } from './dpkg-patterns.ts';
import type { DpkgRule } from './dpkg-rule.ts';
import { type FormContext, OvalForm, once } from './form.ts';
import type { InexactList } from './inexact.ts';
import { coverageDefinition, inventoryDefinition, osReleaseTest } from './release.ts';
import { flawKey, unreadKey } from './rows.ts';

const dpkginfoSuffix = 'dpkginfo.oval';

/**
 * The compatible, less exact form: true if a binary of the source is older. dpkginfo has no source versions, so binaries with
 * version numbers of their own are left out; everything that it misses is on the inexact list.
 */
export function dpkginfoForms(context: FormContext, rule: DpkgRule): OvalForm[] {
  const { roster } = context.index;
  // Without a list of binaries it would look for source names, which no system has.
  return roster && roster.size > 0 ? [dpkginfoForm(context, rule, roster)] : [];
}

function dpkginfoForm(context: FormContext, rule: DpkgRule, roster: Roster): OvalForm {
  const { index, inexact, cpe } = context;
  noteGeneralCauses(inexact);
  const { platform } = index;
  const anything = { comment: 'an installed package is listed', object: anythingInStatus() };
  return new OvalForm(context, {
    suffix: dpkginfoSuffix,
    selection: 'fixed',
    head: [
      inventoryDefinition(platform, cpe, osReleaseTest(platform)),
      coverageDefinition(platform, anything),
    ],
    ways: (line) => {
      const source = line.package;
      const binaries = binariesOf(roster.get(source));
      const object = anyOf(source, binaries.same);
      const criteria = new Map<string, Criterion>();
      return (row) => {
        const ways = rule.ways(line, row);
        if (typeof ways === 'string') return [];
        const fixes = ways.filter(({ selection }) => selection === 'fixed');
        const way = fixes.find(({ build }) => build === undefined || build.plain);
        const item = flawKey('fixed', row.vulnerability, context.subjectOf(source));
        if (fixes.length > 0) noteBinaries(inexact, binaries, item);
        if (fixes.length > (way ? 1 : 0) && rule.buildsLost !== undefined)
          inexact.item('dpkginfo_channels', rule.buildsLost, dpkginfoSuffix, item);
        if (!way || object === undefined) return [];
        const below = way.below!;
        return [
          {
            claim: way.claim,
            item: once(criteria, below, () => ({ test: dpkginfoTest(source, object, below) })),
          },
        ];
      };
    },
    installed: ({ package: source }) => {
      const { same, odd, unknown } = binariesOf(roster.get(source));
      if (unknown) noteUnknown(inexact, unreadKey('flaw', source));
      const object = anyOf(source, unknown ? [source] : [...same, ...odd])!;
      return { test: { comment: `a binary of ${source} is installed`, object } };
    },
  });
}

interface Binaries {
  /** Binaries with the source's version, perhaps rebuilt (+bN). */
  same: string[];
  /** Binaries with version numbers of their own (dmsetup of lvm2): no limit is known for them. */
  odd: string[];
  /** The suite does not list the source. */
  unknown: boolean;
}

function binariesOf(source: RosterSource | undefined): Binaries {
  const same = new Set<string>();
  const odd = new Set<string>();
  for (const { name, version } of source?.binaries ?? []) {
    (version.replace(/\+b\d+$/, '') === source!.version ? same : odd).add(name);
  }
  const apart = [...odd].filter((name) => !same.has(name));
  return { same: [...same].sort(), odd: apart.sort(), unknown: same.size + odd.size === 0 };
}

function anyOf(source: string, names: readonly string[]): DpkgObject | undefined {
  const [first] = names;
  if (first === undefined) return undefined;
  if (names.length === 1) return { kind: 'dpkg', name: first };
  return { kind: 'dpkg', name: { comment: `binaries of ${source}`, values: names } };
}

function dpkginfoTest(source: string, object: DpkgObject, below: string): Test {
  const state = { kind: 'dpkg', evr: { type: 'debian_evr_string', below } } as const;
  return { comment: `a binary of ${source} is earlier than ${below}`, object, state };
}

function noteBinaries(inexact: InexactList, { odd, unknown }: Binaries, item: string): void {
  if (unknown) noteUnknown(inexact, item);
  if (odd.length > 0) {
    const what =
      'Binaries of the source have version numbers of their own, for which no limit is known: not tested.';
    inexact.item('binary_version_differs', what, dpkginfoSuffix, item);
  }
}

function noteUnknown(inexact: InexactList, item: string): void {
  const what = 'The suite lists no binaries of the source: there is nothing to look for.';
  inexact.item('binaries_unknown', what, dpkginfoSuffix, item);
}

function noteGeneralCauses(inexact: InexactList): void {
  const causes: [string, string][] = [
    ['dpkginfo_hold', 'oscap does not find a package that is on hold.'],
    ['dpkginfo_architectures', 'Of two architectures of one package oscap sees the first only.'],
    ['dpkginfo_status_d', 'On a distroless image (status.d) dpkginfo gives an error.'],
    ['dpkginfo_half_installed', 'oscap counts a half-installed package as installed.'],
    [
      'dpkginfo_rebuilds',
      'A rebuild suffix (+bN) or another source name makes a binary version unlike its source version.',
    ],
  ];
  for (const [cause, what] of causes) inexact.general(cause, what, [dpkginfoSuffix]);
}
