import { resultName, results } from '../../report/comply/html-text.ts';
import { type Html, html } from './html.ts';

const kinds: Readonly<Record<string, string>> = {
  fail: 'fail',
  error: 'fail',
  unknown: 'unsure',
  notchecked: 'unsure',
  pass: 'pass',
  fixed: 'pass',
};

export function resultBadge(result: string): Html {
  return html`<span class="badge ${kinds[result] ?? 'other'}">${resultName(result)}</span>`;
}

/** In the order of urgency. */
export function resultRank(result: string): number {
  const at = (results as readonly string[]).indexOf(result);
  return at === -1 ? results.length : at;
}
