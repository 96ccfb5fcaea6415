import { type Severity, severities } from '../../../model/feed/index.ts';
import { grouped } from '../../../model/order.ts';
import { plural } from '../../../report/text-table.ts';
import { isOpenFlaw } from '../../news/flaws.ts';
import { eventNumbers } from '../../view/events.ts';
import type { FleetView, ViewedName } from '../../view/fleet-view.ts';
import { flawsOf, type KeptFlaw, verdictsOf } from '../../view/image.ts';
import { compareTexts } from '../../view/texts.ts';
import type { HeldFlaw } from '../../view/waived.ts';
import { type Share, waivedShares } from '../../view/waived-shares.ts';
import { nameColumns, severityColumn, vulnerabilityColumns } from '../columns.ts';
import { type Html, html, nothing } from '../html.ts';
import { missingPage } from '../missing-page.ts';
import type { PageMaker } from '../page.ts';
import { barWithCounts, facts, notice, standingCell } from '../parts.ts';
import { table } from '../table.ts';
import { eventTable } from '../tables/events.ts';
import { fixWords } from '../words.ts';

interface InstalledBuild {
  id: number;
  name: string;
  version: string;
  arch: string;
  type: string;
  system: string;
  platform: string | null;
  /** Why the package has no data. */
  uncovered: string | null;
  /** No platform judges its system. */
  foreign: boolean;
  /** The release of its system is past its end of life. */
  ended: boolean;
  judged: boolean;
}

/** The page of a source package: effect of its upgrade, installed builds by image, and flaws. */
export const packagePage: PageMaker = async (asked, source) => {
  const { view } = asked;
  const about = await view.recent(`package ${source}`, () => aboutPackage(view, source));
  if (about.builds.length === 0) return missingPage(asked, source);
  const { builds, flaws, images, advice } = about;
  const waived = await waivedShares(
    view,
    about.affected.map(({ flaw }) => [heldFlawOf(flaw)]),
  );
  const names = await view.namesOfImages();
  const counts = Object.fromEntries(severities.map((severity) => [severity, 0])) as Record<Severity, number>;
  for (const { severity } of flaws) counts[severity as Severity] += 1;
  const events = await eventNumbers(view, "package = $1 AND kind NOT IN ('rule_failed', 'rule_passed')", [
    source,
  ]);
  return {
    title: source,
    section: 'packages',
    body: html`<div class="subject"><div><h1>${source}</h1>
${facts([
  ['Source package', builds[0]!.build.type],
  ['Installed in', plural(images.size, 'image')],
  ['Builds', plural(builds.length, 'build')],
])}</div>
<div class="card"><h2>Vulnerabilities</h2><p class="big">${flaws.length}</p>${barWithCounts(counts, 'Open vulnerabilities by severity')}</div></div>
${adviceNotice(advice)}
${uncoveredNotice(builds)}`,
    tables: [
      table<Held>({
        name: 'builds',
        caption: 'Who has which build',
        empty: 'No image has it.',
        columns: [
          {
            key: 'package',
            title: 'Package',
            value: ({ build }) => build.name,
            html: ({ build }) => html`${build.name}<small>${build.arch}</small>`,
            kind: 'name',
          },
          { key: 'architecture', title: 'Architecture', value: ({ build }) => build.arch, isData: true },
          {
            key: 'version',
            title: 'Version',
            value: ({ build }) => build.version,
            html: ({ build }) => html`<code>${build.version}</code>`,
          },
          { key: 'system', title: 'System', value: ({ build }) => build.system, kind: 'word' },
          {
            key: 'flaws',
            title: 'Open flaws',
            value: (row) => (isKnown(row) ? row.flaws : null),
            kind: 'number',
          },
          {
            key: 'state',
            title: 'State',
            value: stateOf,
            html: (row) =>
              html`<span class="badge ${stateOf(row) === 'judged' ? 'judged' : 'partly'}">${stateOf(row)}</span>`,
          },
          { key: 'images', title: 'Images', value: (row) => row.images, kind: 'number' },
        ],
        rows: builds,
      }),
      table<Affected & { waived: Share }>({
        name: 'flaws',
        caption: 'Open flaws',
        empty: 'No open flaw of it is known in what is judged.',
        columns: [
          severityColumn(({ flaw }) => flaw),
          ...vulnerabilityColumns<Affected>(({ flaw }) => flaw),
          { key: 'fix', title: 'Fix', value: (row) => row.fixes.join('; ') },
          {
            key: 'waived',
            title: 'Waived',
            value: (row) => row.waived,
            html: (row) => waivedWords[row.waived],
          },
          { key: 'images', title: 'Images', value: (row) => row.images, kind: 'number' },
        ],
        rows: about.affected.map((row, at) => ({ ...row, waived: waived[at]! })),
      }),
      table<ViewedName>({
        name: 'images',
        caption: 'Images that have it',
        empty: 'No image has it.',
        columns: [
          ...nameColumns<ViewedName>((name) => name),
          {
            key: 'platform',
            title: 'Platform',
            value: ({ platform, system }) => platform ?? system,
            kind: 'word',
          },
          { key: 'state', title: 'State', value: ({ state }) => state, html: standingCell },
        ],
        rows: (await view.names()).filter(({ image }) => image !== null && images.has(image)),
      }),
      await eventTable(asked, {
        name: 'changes',
        caption: 'What changed',
        events,
        names,
        empty: 'No news about it yet.',
      }),
    ],
  };
};

interface Held {
  build: InstalledBuild;
  flaws: number;
  images: number;
}

interface Affected {
  flaw: KeptFlaw;
  fixes: string[];
  images: number;
}

/** An upgrade on a platform. */
interface Advice {
  platform: string;
  to: readonly string[];
  flaws: number;
  images: number;
}

interface AboutPackage {
  builds: readonly Held[];
  flaws: readonly KeptFlaw[];
  affected: readonly Affected[];
  images: ReadonlySet<number>;
  advice: readonly Advice[];
}

async function aboutPackage(view: FleetView, source: string): Promise<AboutPackage> {
  const holders = await view.holders();
  const rows = await view.queries.query<InstalledBuild>(
    `SELECT packages.id, packages.name, version, arch, type, systems.name AS system, coverage.platform, uncovered.reason AS uncovered,
       coverage.platform IS NULL AND coverage.code IS NOT NULL AS foreign, coverage.ended_run IS NOT NULL AS ended, judged_run IS NOT NULL AS judged
     FROM fleet.packages JOIN fleet.systems ON systems.id = system
     LEFT JOIN fleet.coverage ON coverage.system = systems.id AND coverage.to_run IS NULL
     LEFT JOIN fleet.uncovered ON uncovered.package = packages.id AND uncovered.to_run IS NULL
     WHERE source = $1 ORDER BY systems.name COLLATE "C", packages.name COLLATE "C", version COLLATE "C", packages.id`,
    [source],
  );
  const held = rows.filter(({ id }) => holders.isHeld(id));
  const verdicts = (
    await verdictsOf(
      view,
      held.map(({ id }) => id),
    )
  ).filter(isOpenFlaw);
  const own = grouped(verdicts, ({ package: number }) => number);
  const builds = held.map((build) => ({
    build,
    flaws: new Set(own.get(build.id)?.map(({ vulnerability }) => vulnerability)).size,
    images: holders.having(build.id).length,
  }));
  const flaws = flawsOf(verdicts);
  const affected = flaws.map((flaw) => ({
    flaw,
    fixes: [...new Set(flaw.packages.map((each) => `${fixWords(each)} (${each.platform})`))].sort(),
    images: holders.count(flaw.packages.map(({ package: number }) => number)),
  }));
  const fixable = verdicts.filter((verdict) => verdict.fix_state === 'available');
  const advice = [...grouped(fixable, ({ platform }) => platform)].map(([platform, group]) => ({
    platform,
    // The order of versions is the packager's; the store does not know which one is the last.
    to: [...new Set(group.map(({ fixed_version: version }) => version!))].sort(),
    flaws: new Set(group.map(({ vulnerability }) => vulnerability)).size,
    images: holders.count(group.map(({ package: number }) => number)),
  }));
  advice.sort((a, b) => compareTexts(a.platform, b.platform));
  return { builds, flaws, affected, images: new Set(holders.havingAny(held.map(({ id }) => id))), advice };
}

const waivedWords = { none: '', some: 'in some images', all: 'in all of them' } satisfies Record<
  Share,
  string
>;

function heldFlawOf({ vulnerability, source, packages }: KeptFlaw): HeldFlaw {
  return { vulnerability, source, packages: packages.map((each) => each.package) };
}

function isKnown({ build }: Held): boolean {
  return build.judged && build.platform !== null && build.uncovered === null;
}

function stateOf({ build }: Held): string {
  if (build.foreign) return 'not covered';
  if (!build.judged || build.platform === null) return 'not judged yet';
  if (build.uncovered !== null) return build.uncovered.replaceAll('_', ' ');
  return build.ended ? 'end of life' : 'judged';
}

function joinedUpTo(texts: readonly string[], length: number): string {
  const text = texts.join(', ');
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

function adviceNotice(advice: readonly Advice[]): Html {
  if (advice.length === 0) return nothing;
  const items = advice.map(
    ({ platform, to, flaws, images }) =>
      html`${platform}: upgrade to ${to.length === 1 ? nothing : 'the newest that can be installed of '}<code>${joinedUpTo(to, 120)}</code>, and ${plural(flaws, 'flaw')} ${flaws === 1 ? 'goes' : 'go'} in ${plural(images, 'image')}`,
  );
  return notice('plain', 'Upgrade this', items);
}

function uncoveredNotice(builds: readonly Held[]): Html {
  const unknown = builds.filter((build) => !isKnown(build)).length;
  const ended = builds.filter((row) => isKnown(row) && row.build.ended).length;
  return html`${
    unknown === 0
      ? nothing
      : notice(
          'warn',
          `${plural(unknown, 'build')} of it ${unknown === 1 ? 'is' : 'are'} not judged: nothing is known of ${unknown === 1 ? 'its' : 'their'} flaws`,
        )
  }${
    ended === 0
      ? nothing
      : notice(
          'warn',
          `${plural(ended, 'build')} of it ${ended === 1 ? 'is' : 'are'} of a release past its end of life: new flaws are not recorded for it`,
        )
  }`;
}
