import { pageEnd, pageStart } from '../../html/page.ts';
import type { Policy, PolicyItem, PolicyProfile } from '../../model/compliance/index.ts';
import { escapeHtml } from '../../model/markup.ts';
import { factList } from '../formats/html.ts';
import { style as base } from './html-assets.ts';

const style = `${base}
h2{font-size:1.25rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}article{background:var(--bg);border:1px solid var(--line);border-radius:.5rem;padding:.25rem 1rem 1rem;margin:.6rem 0}
article>h3{font-size:1.05rem}var{font-style:normal;background:var(--soft);border-radius:.2rem;padding:0 .2rem}nav ol{columns:20rem;padding:0}nav li{margin-left:2.25rem}
`;

/** The policy as a document to read before any scan: what the profile asks for, why, how it is checked and met. */
export function guidePage(policy: Policy, profileId: string | undefined, toolVersion: string): string {
  const { benchmark, content, items } = policy;
  const profile = policy.profiles.find(({ id }) => id === profileId)!;
  const groups = [...new Set(profile.rules.map((at) => items[at]!.parent))];
  const names = groups.map((group) => pathOf(group, items).join(' › ') || benchmark.title);
  const contents = names.map((name, at) => `<li><a href="#g${at}">${escapeHtml(name)}</a></li>`).join('');
  const sections = groups.map((group, at) => {
    const rules = profile.rules.filter((rule) => items[rule]!.parent === group);
    return `<h2 id="g${at}">${escapeHtml(names[at]!)}</h2>\n${rules.map((rule) => article(rule, policy, profile)).join('\n')}`;
  });
  const title = `${profile.title}: ${benchmark.title} ${benchmark.version}`;
  const facts = factList([
    ['Benchmark', `${benchmark.title} ${benchmark.version}`],
    ['Profile', profile.id ?? 'the benchmark’s own selection'],
    ['Rules', String(profile.rules.length)],
    ['Platforms', benchmark.platforms.join(', ') || 'any'],
    ['Date', benchmark.date],
  ]);
  return `${pageStart({ title, style })}<h1>${escapeHtml(profile.title)}</h1>
<div class="prose">${profile.description ?? ''}</div>
${facts}
<nav aria-label="Contents"><ol>${contents}</ol></nav>
<main>
${sections.join('\n')}
</main>
<footer>Made by scapfeed ${escapeHtml(toolVersion)} from ${escapeHtml(content.name)} (sha256 ${escapeHtml(content.sha256.slice(0, 12))}…)</footer>
${pageEnd({})}`;
}

function pathOf(at: number | undefined, items: readonly PolicyItem[]): string[] {
  if (at === undefined) return [];
  const { parent, title } = items[at]!;
  return [...pathOf(parent, items), title];
}

function article(at: number, { items, values }: Policy, profile: PolicyProfile): string {
  const item = items[at]!;
  const filled = (text: string) =>
    text.replace(/\u0001([^\u0001]*)\u0001/g, (_, id: string) => {
      const value = values.findIndex((each) => each.id === id);
      return `<var>${escapeHtml(profile.values[value] ?? id)}</var>`;
    });
  const settings = item.values.map(
    (value) =>
      `<li>${escapeHtml(values[value]!.title)}: <var>${escapeHtml(profile.values[value] ?? 'a list')}</var></li>`,
  );
  const checks = item.checks.map(({ comment, subject, type }) => {
    const place = subject === undefined ? '' : ` <code>${escapeHtml(subject)}</code>`;
    return `<li>${escapeHtml(comment)}${place} <small>${escapeHtml(type)}</small></li>`;
  });
  const fixes = item.fixes.map(
    ({ kind, text }) =>
      `<details class="fix"><summary>Fix: ${escapeHtml(kind)}</summary><pre tabindex="0">${filled(escapeHtml(text))}</pre></details>`,
  );
  return `<article id="${escapeHtml(item.id)}">
<h3>${escapeHtml(item.title)}</h3>
<p class="id"><span class="severity ${escapeHtml(profile.severities[at]!)}">${escapeHtml(profile.severities[at]!)}</span> <code>${escapeHtml(item.id)}</code></p>
${[
  part('Description', filled(item.description ?? '')),
  part('Rationale', filled(item.rationale ?? '')),
  ...item.warnings.map((text) => part('Warning', filled(text))),
  part('Settings', list(settings)),
  part('Checks', list(checks)),
  ...fixes,
  part('References', escapeHtml([...new Set(item.references.map(({ text }) => text))].join(', '))),
]
  .filter((text) => text !== '')
  .join('\n')}
</article>`;
}

function part(name: string, html: string): string {
  return html === '' ? '' : `<section><h4>${name}</h4><div class="prose">${html}</div></section>`;
}

function list(items: readonly string[]): string {
  return items.length === 0 ? '' : `<ul>${items.join('')}</ul>`;
}
