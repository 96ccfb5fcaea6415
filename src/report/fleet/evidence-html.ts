import { pageEnd, pageStart, palette } from '../../html/page.ts';
import type { EvidenceNight, FleetEvidence } from '../../model/fleet/index.ts';
import { escapeHtml } from '../../model/markup.ts';
import { absenceText, evidenceRows, evidenceSummary, fixText, unknownText } from './evidence-rows.ts';

const style = `${palette}body{margin:0 auto;max-width:80rem;padding:1rem;font:15px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg)}
section{overflow-x:auto}table{border-collapse:collapse;width:100%}caption{text-align:left;color:var(--dim)}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid var(--line)}
th,.day{white-space:nowrap}.long{overflow-wrap:anywhere;min-width:11rem}.text{min-width:22rem}h2{margin-top:2rem}
`;

type Cell = string | number | null;

/** One page without links to other places: the verdicts, what was done, what each night had for data, and what is not known. */
export function evidenceHtml(evidence: FleetEvidence): string {
  const { vulnerability, asOf, run, keptFrom, nights, absent, names, unknown, waivers, news } = evidence;
  const sources = sourcesOf(nights);
  const nightOf = new Map(nights.map((night) => [night.run, night.started]));
  return [
    pageStart({ title: `Evidence: ${vulnerability}`, style, script: '' }),
    `<h1>${escapeHtml(vulnerability)}</h1>\n<p>As of ${escapeHtml(asOf)}, run ${run}: ${escapeHtml(evidenceSummary(evidence))}.</p>\n`,
    section('Verdicts', 'A package of an image, with the nights between which a verdict held', {
      head: [
        'Image',
        'Package',
        'Since',
        'Until',
        'State',
        'Severity',
        'Exploited',
        'Fix',
        'Advisories',
        'Waivers',
      ],
      rows: evidenceRows(evidence).map(({ names: own, image, package: pkg, verdict, from, to, state }) => [
        ...[`${own.join(', ')} ${image.digest}`, `${pkg.name} ${pkg.version} ${pkg.arch}`, from, to, state],
        ...[verdict.severity, verdict.exploited ? 'yes' : 'no', fixText(verdict)],
        ...[verdict.advisories.join(', '), image.waivers.join(', ')],
      ]),
    }),
    section('Not known', 'Names whose images may have it: not all of their packages were judged', {
      head: ['Image', 'Digest', 'Why'],
      rows: unknown.map((each) => [each.reference, each.digest, unknownText(each)]),
    }),
    section('Images behind names', 'What a name stood for, one image after the other', {
      head: ['Name', 'Digest', 'Since', 'Until', 'Open', 'Removed'],
      rows: names.flatMap(({ reference, removed, images }) =>
        images.map(({ digest, since, until, open }) => [
          reference,
          digest,
          since,
          until,
          open ? 'yes' : 'no',
          removed,
        ]),
      ),
    }),
    section('Waivers', 'Accepted risks', {
      head: ['Number', 'Package', 'Image', 'Reason', 'By', 'Since', 'Last day', 'Ended', 'Ended by'],
      rows: waivers.map((each) => [
        ...[
          each.id,
          each.package ?? 'all',
          each.image ?? 'all',
          each.reason,
          each.author,
          each.created,
          each.until,
        ],
        ...[each.ended, each.endedBy],
      ]),
    }),
    section('News', 'What runs reported', {
      head: ['Night', 'Change', 'Cause', 'Package', 'Before', 'After', 'Images'],
      rows: news.map((each) => [
        ...[
          nightOf.get(each.run) ?? `run ${each.run}`,
          each.kind,
          each.cause,
          each.package,
          each.before,
          each.after,
        ],
        each.images.join(', '),
      ]),
    }),
    section('Nights', `Results are whole from run ${keptFrom} on`, {
      head: ['Run', 'Began', 'Ended', 'State', 'scapfeed', 'Feed', 'Made', 'Signed', 'Sources'],
      rows: nights.map(({ run: number, started, finished, state, tool, feed }, at) => [
        ...[number, started, finished, state, tool, feed?.digest ?? null, feed?.created ?? null],
        ...[feed && (feed.signed ? 'yes' : 'no'), sources[at]!],
      ]),
    }),
    section('Days without a run', 'Nothing is known of what a run would have found', {
      head: ['Days'],
      rows: absent.map((each) => [absenceText(each)]),
    }),
    pageEnd({}),
  ].join('');
}

/** Sources of each night's data; a night with those of the one before refers to it. */
function sourcesOf(nights: readonly EvidenceNight[]): (string | null)[] {
  const texts = nights.map(({ feed }) => feed?.sources.map(sourceText).join(', ') ?? null);
  return texts.map((text, at) =>
    text !== null && text === texts[at - 1] ? `as of run ${nights[at - 1]!.run}` : text,
  );
}

function sourceText({ id, updated, failed }: { id: string; updated?: string; failed?: string }): string {
  return `${id}${updated === undefined ? '' : ` of ${updated}`}${failed === undefined ? '' : ` (${failed})`}`;
}

function section(
  title: string,
  caption: string,
  { head, rows }: { head: readonly string[]; rows: readonly (readonly Cell[])[] },
): string {
  if (rows.length === 0) return `<section><h2>${title}</h2><p>None.</p></section>\n`;
  const cells = (row: readonly Cell[]) =>
    row.map((cell) => `<td${kindOf(cell)}>${cellHtml(cell)}</td>`).join('');
  return `<section><h2>${title}</h2><table><caption>${caption}</caption>
<thead><tr>${head.map((each) => `<th scope="col">${each}</th>`).join('')}</tr></thead>
<tbody>
${rows.map((row) => `<tr>${cells(row)}</tr>\n`).join('')}</tbody></table></section>
`;
}

/** Long texts need room; digests, names of images and other words without a blank may break anywhere. */
function kindOf(cell: Cell): string {
  if (typeof cell !== 'string') return '';
  if (cell.length > 120 && cell.includes(', ')) return ' class="text"';
  return /\S{25}/.test(cell) ? ' class="long"' : '';
}

/** A time may break between its day and its hour. */
function cellHtml(cell: Cell): string {
  return escapeHtml(String(cell ?? '–')).replace(
    /^(\d{4}-\d\d-\d\dT)(?=\d)/,
    '<span class="day">$1</span><wbr>',
  );
}
