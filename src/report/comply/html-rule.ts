import type { ComplianceEvidence, ComplianceRule } from '../../model/compliance/index.ts';
import { escapeHtml } from '../../model/markup.ts';
import { omittedLine } from '../eval/evidence-text.ts';
import { byFramework, frameworkOf, referenceName } from './frameworks.ts';
import { resultName } from './html-text.ts';

/**
 * One rule as a section that can be opened: what was found and expected, why it matters, and how to fix it. `prefix`: before
 * its id, where a page has rules of several images.
 */
export function ruleSection(rule: ComplianceRule, prefix = ''): string {
  const { id, title, result, severity } = rule;
  const parts = [
    idLine(rule, prefix),
    notice(rule),
    found(rule),
    prose('Description', rule.description),
    prose('Rationale', rule.rationale),
    ...rule.warnings.map((text) => prose('Warning', text)),
    identifiers(rule),
    fixes(rule),
  ];
  return `<details class="rule ${escapeHtml(result)}" id="${escapeHtml(prefix + id)}" data-result="${escapeHtml(result)}" data-severity="${escapeHtml(severity)}"${placesOf(rule)}>
<summary><span class="badge">${escapeHtml(resultName(result))}</span><span class="severity ${escapeHtml(severity)}">${escapeHtml(severity)}</span><span class="title">${escapeHtml(title)}</span></summary>
<div class="body">
${parts.filter((part) => part !== '').join('\n')}
</div>
</details>`;
}

/** By what the page can group rules. */
function placesOf({ groups = [], references }: ComplianceRule): string {
  const names = references.filter(({ href }) => frameworkOf(href) !== undefined).map(referenceName);
  return [
    groups.length === 0 ? '' : ` data-groups="${escapeHtml(groups.join(' › '))}"`,
    names.length === 0 ? '' : ` data-references="${escapeHtml(names.join('|'))}"`,
  ].join('');
}

function idLine({ id }: ComplianceRule, prefix: string): string {
  return `<p class="id"><a href="#${encodeURIComponent(prefix + id)}"><code>${escapeHtml(id)}</code></a></p>`;
}

function notice({ message }: ComplianceRule): string {
  return message === undefined ? '' : `<p class="notice">${escapeHtml(message)}</p>`;
}

function prose(heading: string, html: string | undefined): string {
  return html === undefined || html === ''
    ? ''
    : `<section><h3>${heading}</h3><div class="prose">${html}</div></section>`;
}

function found({ evidence, omittedTests }: ComplianceRule): string {
  if (evidence.length === 0) return '';
  const columns = ['Test', 'Expected', 'Found'].map((name) => `<th scope="col">${name}</th>`).join('');
  return `<section><h3>What was found</h3><table><thead><tr>${columns}</tr></thead><tbody>${evidence.map(evidenceRow).join('')}</tbody></table>${omittedLine(
    omittedTests,
  )
    .map((line) => `<p>${line}</p>`)
    .join('')}</section>`;
}

/** On phones a row is shown as a block, where each cell names its column. */
function evidenceRow(evidence: ComplianceEvidence): string {
  const { test, comment, result, negated, expected } = evidence;
  const asked = expected.map((each) => `<li>${escapeHtml(each)}</li>`).join('');
  const note = negated ? ', and the rule wants the opposite' : '';
  return `<tr><td data-column="Test">${escapeHtml(comment ?? test)}<br><small class="${met(evidence)}">${escapeHtml(result)}${note}</small></td><td data-column="Expected"><ul>${asked}</ul></td><td data-column="Found">${foundItems(evidence)}</td></tr>`;
}

function met({ result, negated }: ComplianceEvidence): string {
  if (result !== 'true' && result !== 'false') return 'unsure';
  return (result === 'true') === (negated !== true) ? 'met' : 'unmet';
}

function foundItems({ found: items, count, message, searched = [] }: ComplianceEvidence): string {
  if (items.length === 0) {
    const words = searched.map((each) => `<li><code>${escapeHtml(each)}</code></li>`).join('');
    const looked = words === '' ? '' : `<p>looked for:</p><ul>${words}</ul>`;
    return `${message === undefined ? 'nothing' : escapeHtml(message)}${looked}`;
  }
  const list = items.map(({ place, line, value }) => {
    const at = line === undefined ? place : `${place}:${line}`;
    return `<li><code>${escapeHtml(at)}</code>${value === undefined ? '' : ` ${escapeHtml(value)}`}</li>`;
  });
  const more = count > items.length ? `<li>and ${count - items.length} more</li>` : '';
  const doubt = message === undefined ? '' : `<p>${escapeHtml(message)}</p>`;
  return `<ul>${list.join('')}${more}</ul>${doubt}`;
}

function identifiers({ idents, references }: ComplianceRule): string {
  if (idents.length + references.length === 0) return '';
  const linked = ({ href, text }: ComplianceRule['references'][number]) =>
    href !== undefined && /^https?:\/\//.test(href)
      ? `<a href="${escapeHtml(href)}" rel="noreferrer">${escapeHtml(text)}</a>`
      : escapeHtml(text);
  const items = [
    ...idents.map(({ text }) => escapeHtml(text)),
    ...[...byFramework(references)].flatMap(([framework, own]) =>
      framework === '' ? own.map(linked) : [`${framework} ${own.map(linked).join(', ')}`],
    ),
  ];
  return `<section><h3>Identifiers and references</h3><ul class="references">${items.map((item) => `<li>${item}</li>`).join('')}</ul></section>`;
}

/** A rule that passes needs no fix. */
function fixes({ fixes: all, result }: ComplianceRule): string {
  if (result === 'pass' || result === 'notapplicable') return '';
  return all
    .filter(({ text }) => text.trim() !== '')
    .map(({ system, text }) => {
      const kind = system.slice(system.lastIndexOf(':') + 1) || 'script';
      return `<details class="fix"><summary>Fix: ${escapeHtml(kind)}</summary><pre tabindex="0">${escapeHtml(text.trim())}</pre></details>`;
    })
    .join('\n');
}
