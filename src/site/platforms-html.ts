import { dataDay } from '../model/data-date.ts';
import {
  type AcceptedGate,
  type FeedPlatform,
  heldMark,
  lifePhaseOn,
  type Manifest,
} from '../model/feed/index.ts';
import { escapeHtml } from '../model/markup.ts';
import { markWords } from '../report/mark-words.ts';

/** Rows of the page's table of platforms, whose head is in the HTML that `publish --site` writes. `today`: ISO 8601 day. */
export function platformRows({ platforms, accepted = [] }: Manifest, today: string): string {
  return platforms.map((platform) => platformRow(platform, accepted, today)).join('');
}

function platformRow(platform: FeedPlatform, accepted: readonly AcceptedGate[], today: string): string {
  const { id, name, updated, packages, statements } = platform;
  const phase = lifePhaseOn(platform, today);
  const gates = gatesOf(platform, accepted);
  const cells = [
    ['Platform', `<code>${escapeHtml(id)}</code>`],
    ['Name', escapeHtml(name)],
    ['Vendor data', escapeHtml(dataDay(updated)), 'word'],
    ['Support', escapeHtml((phase ?? '').replaceAll('_', ' '))],
    ['Gates', `<span>${gates.map(escapeHtml).join('<br>')}</span>`, gates[0] === passed ? 'word' : ''],
    ['Coverage', escapeHtml(coverageOf(platform).join('; '))],
    ['Packages', String(packages), 'number'],
    ['Statements', String(statements), 'number'],
  ];
  return `<tr>${cells.map(([column, text, kind = '']) => `<td data-column="${column}" class="${kind}">${text}</td>`).join('')}</tr>`;
}

const passed = 'passed';

/** Findings of the gates of the last publication; `passed` if there are none. */
function gatesOf({ id, held = [], marks = [] }: FeedPlatform, accepted: readonly AcceptedGate[]): string[] {
  const since = marks.find((mark) => mark.startsWith(heldMark));
  const found = [
    ...(since === undefined ? [] : [markWords(since)]),
    ...held.map(({ gate, found: what }) => `held by ${gate}: ${what}`),
    ...accepted
      .filter(({ platform }) => platform === id)
      .map(({ gate, found: what, reason }) => `${gate} accepted (${what}): ${reason}`),
  ];
  return found.length > 0 ? found : [passed];
}

/** The packages that it covers, and gaps in its data. */
function coverageOf({ roster, marks = [] }: FeedPlatform): string[] {
  return [
    roster ? 'each package that it ships' : 'packages with statements',
    ...marks.filter((mark) => !mark.startsWith(heldMark)).map(markWords),
  ];
}
