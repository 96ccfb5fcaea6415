import type { ComplianceEvidence, ComplianceResult, ComplianceRule } from '../../model/index.ts';
import { script, style } from './html-assets.ts';

const order = ['fail', 'error', 'unknown', 'notchecked', 'pass', 'fixed', 'informational', 'notapplicable'];
const severities = ['high', 'medium', 'low', 'info', 'unknown'];
const names: Readonly<Record<string, string>> = {
  fail: 'Failed',
  error: 'Error',
  unknown: 'Unknown',
  notchecked: 'Not checked',
  pass: 'Passed',
  fixed: 'Fixed',
  informational: 'Informational',
  notapplicable: 'Not applicable',
};

/** One self-contained page: no request leaves it, it prints, and it reads without its script too. */
export function htmlReport(result: ComplianceResult): string {
  const rules = result.rules.filter((rule) => rule.result !== 'notselected').sort(byUrgency);
  const title = `${result.profile?.title ?? result.benchmark.title} — ${result.image.reference}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#rules">Skip to the rules</a>
<header>
${heading(result)}
</header>
<main>
${filters(result)}
<p id="shown" role="status" aria-live="polite">${rules.length} rules</p>
<div id="rules">
${rules.map((rule) => ruleSection(rule)).join('\n')}
</div>
</main>
<footer>Made by scapfeed ${escapeHtml(result.tool.version)} from ${escapeHtml(result.content.name)} (sha256 ${escapeHtml(result.content.sha256.slice(0, 12))}…)</footer>
<script>${script}</script>
</body>
</html>
`;
}

function heading({ benchmark, profile, image, time, scores, counts, applicable }: ComplianceResult): string {
  const [score] = scores;
  const percent = score && score.maximum > 0 ? (100 * score.score) / score.maximum : 0;
  const facts: [string, string][] = [
    ['Image', image.reference],
    ...(image.digest === undefined ? [] : [['Digest', image.digest] as [string, string]]),
    ['Benchmark', `${benchmark.title} ${benchmark.version}`],
    ['Evaluated', time.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')],
  ];
  return `<div>
<h1>${escapeHtml(profile?.title ?? 'Benchmark defaults')}</h1>
<dl class="facts">${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`).join('')}</dl>
${applicable ? '' : '<p class="notice">Nothing applies: this content is for another platform than the image.</p>'}
</div>
<div class="score">
<p><strong>${percent.toFixed(1)}</strong><span>of 100</span></p>
<meter min="0" max="100" value="${percent.toFixed(1)}">${percent.toFixed(1)} of 100</meter>
${bar(counts)}
</div>`;
}

function bar(counts: Readonly<Record<string, number>>): string {
  const parts = order.flatMap((kind) =>
    counts[kind] ? [`<li class="${kind}"><b>${counts[kind]}</b> ${names[kind]}</li>`] : [],
  );
  return `<ul class="counts">${parts.join('')}</ul>`;
}

function filters({ counts, rules }: ComplianceResult): string {
  const kinds = order.filter((kind) => counts[kind]);
  const levels = severities.filter((level) => rules.some(({ severity }) => severity === level));
  const box = (group: string, value: string, label: string, checked: boolean) =>
    `<label><input type="checkbox" name="${group}" value="${value}"${checked ? ' checked' : ''}> ${label}</label>`;
  return `<form id="filters" role="search" aria-label="Filter rules">
<label class="search">Search <input type="search" name="text" placeholder="title, id, reference…" autocomplete="off"></label>
<fieldset><legend>Result</legend>${kinds.map((kind) => box('result', kind, names[kind] as string, kind !== 'notapplicable')).join('')}</fieldset>
<fieldset><legend>Severity</legend>${levels.map((level) => box('severity', level, level, true)).join('')}</fieldset>
</form>`;
}

function ruleSection(rule: ComplianceRule): string {
  const { id, title, result, severity } = rule;
  return `<details class="rule" id="${escapeHtml(id)}" data-result="${result}" data-severity="${severity}">
<summary><span class="badge ${result}">${names[result] ?? escapeHtml(result)}</span><span class="severity ${severity}">${escapeHtml(severity)}</span><span class="title">${escapeHtml(title)}</span></summary>
<div class="body">
${[idLine(rule), message(rule), found(rule), prose('Description', rule.description), prose('Rationale', rule.rationale), ...rule.warnings.map((text) => prose('Warning', text)), identifiers(rule), fixes(rule)].filter((part) => part !== '').join('\n')}
</div>
</details>`;
}

function idLine({ id }: ComplianceRule): string {
  return `<p class="id"><code>${escapeHtml(id)}</code></p>`;
}

function message({ message: text }: ComplianceRule): string {
  return text === undefined ? '' : `<p class="notice">${escapeHtml(text)}</p>`;
}

function prose(heading: string, html: string | undefined): string {
  return html === undefined || html === ''
    ? ''
    : `<section><h3>${heading}</h3><div class="prose">${html}</div></section>`;
}

function found({ evidence }: ComplianceRule): string {
  if (evidence.length === 0) return '';
  return `<section><h3>What was found</h3><div class="wide"><table><thead><tr><th scope="col">Test</th><th scope="col">Expected</th><th scope="col">Found</th></tr></thead><tbody>${evidence.map(evidenceRow).join('')}</tbody></table></div></section>`;
}

function evidenceRow({
  test,
  comment,
  result,
  negated,
  expected,
  found: items,
  count,
  message: text,
}: ComplianceEvidence): string {
  const more = count > items.length ? `<li>and ${count - items.length} more</li>` : '';
  const list = items.map(({ place, line, value }) => {
    const at = line === undefined ? place : `${place}:${line}`;
    return `<li><code>${escapeHtml(at)}</code>${value === undefined ? '' : ` ${escapeHtml(value)}`}</li>`;
  });
  const nothing = text === undefined ? 'nothing' : escapeHtml(text);
  const wanted = expected.map((each) => `<li>${escapeHtml(each)}</li>`).join('');
  return `<tr class="${result === 'true' ? 'holds' : 'broken'}"><td>${escapeHtml(comment ?? test)}<br><small>${escapeHtml(result)}${negated ? ', and the rule wants the opposite' : ''}</small></td><td><ul>${wanted}</ul></td><td>${items.length === 0 ? nothing : `<ul>${list.join('')}${more}</ul>`}</td></tr>`;
}

function identifiers({ idents, references }: ComplianceRule): string {
  if (idents.length + references.length === 0) return '';
  const items = [
    ...idents.map(({ text }) => escapeHtml(text)),
    ...references.map(({ href, text }) =>
      href !== undefined && /^https?:\/\//.test(href)
        ? `<a href="${escapeHtml(href)}" rel="noreferrer">${escapeHtml(text)}</a>`
        : escapeHtml(text),
    ),
  ];
  return `<section><h3>Identifiers and references</h3><ul class="references">${items.map((item) => `<li>${item}</li>`).join('')}</ul></section>`;
}

function fixes({ fixes: all, result }: ComplianceRule): string {
  if (result === 'pass' || result === 'notapplicable') return '';
  return all
    .filter(({ text }) => text.trim() !== '')
    .map(
      ({ system, text }) =>
        `<details class="fix"><summary>Fix: ${escapeHtml(system.slice(system.lastIndexOf(':') + 1) || 'script')}</summary><pre tabindex="0">${escapeHtml(text.trim())}</pre></details>`,
    )
    .join('\n');
}

function byUrgency(a: ComplianceRule, b: ComplianceRule): number {
  return (
    order.indexOf(a.result) - order.indexOf(b.result) ||
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    (a.title < b.title ? -1 : a.title > b.title ? 1 : 0)
  );
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (char) => entities[char] as string);
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
