import { type HtmlPage, pageEnd, pageStart } from '../../html/page.ts';
import type { Policy, PolicyItem } from '../../model/compliance/index.ts';
import { escapeHtml } from '../../model/markup.ts';
import { safeJson } from '../safe-document.ts';
import { style as base } from './html-assets.ts';
import { script } from './policy-script.ts';

export interface PolicyPageOptions {
  policy: Policy;
  /** The benchmark's file, as a tailoring names it. */
  href: string;
  /** Id of the profile that the page starts with; undefined: the first. */
  profile: string | undefined;
}

const style = `${base}
.bar{position:sticky;top:0;z-index:1;background:var(--page);padding:.25rem 0 .5rem;border-bottom:1px solid var(--line)}
.bar form{margin:.25rem 0}.bar form>*{max-width:100%}
select,.field input{font:inherit;max-width:100%;color:var(--fg);background:var(--bg);border:1px solid var(--dim);border-radius:.3rem;padding:.2rem .4rem}
.field{display:grid;gap:.15rem;color:var(--dim);font-size:.875rem;min-width:0}.field input,.field select{font-size:1rem;width:100%}
h2{font-size:1rem;margin:1.25rem 0 .25rem;color:var(--dim)}
.item{display:grid;grid-template-columns:2.5rem minmax(0,1fr);border:1px solid var(--line);border-left:.3rem solid var(--line);border-radius:.5rem;margin:.3rem 0;background:var(--bg)}
.item.changed{border-left-color:var(--warn)}.item>label{display:grid;place-items:start center;padding:.7rem 0;cursor:pointer}
.item input[type=checkbox]{width:1.15rem;height:1.15rem;accent-color:var(--link)}
.item summary{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:.5rem;padding:.5rem .75rem .5rem 0;cursor:pointer}
.item .body{padding:0 .75rem .75rem 0;border-top:1px solid var(--line)}
.mark{color:var(--warn);font-size:.875rem}var{font-style:normal;background:var(--soft);border-radius:.2rem;padding:0 .2rem}
.save>*{min-width:0}.save{background:var(--bg);border:1px solid var(--line);border-radius:.6rem;padding:1rem 1.25rem;display:grid;gap:.6rem}
.save button{justify-self:start;background:var(--link);color:var(--bg);border-color:var(--link);font-weight:600;padding:.4rem 1rem}
#file{max-height:20rem;overflow:auto;max-width:100%}
@media (max-width:44rem){.bar{position:static}}
@media print{.bar,.save{display:none}}
`;

/**
 * One self-contained page in which a person tailors a benchmark: chooses a profile, searches, selects, sets values, reads
 * what each rule checks and fixes, and saves a tailoring file. It asks no server for anything.
 */
export function policyPage({ policy, href, profile }: PolicyPageOptions): string {
  const { benchmark, content, profiles } = policy;
  const start = Math.max(
    0,
    profiles.findIndex(({ id }) => id !== undefined && id === profile),
  );
  const title = `${benchmark.title} ${benchmark.version}`;
  const options = profiles
    .map(({ title: name, rules }, at) => {
      const selected = at === start ? ' selected' : '';
      return `<option value="${at}"${selected}>${escapeHtml(name)} (${rules.length})</option>`;
    })
    .join('');
  const page: HtmlPage = { title: `Policy: ${title}`, style, script, skip: ['rules', 'rules'] };
  return `${pageStart(page)}<header>
<div>
<h1>${escapeHtml(title)}</h1>
<label class="field">Start from the profile <select id="profile">${options}</select></label>
<p id="about"></p>
</div>
<section class="save" aria-label="Tailoring">
<label class="field">Title <input id="title" autocomplete="off"></label>
<label class="field">Id <input id="id" autocomplete="off" spellcheck="false"></label>
<p id="changes" role="status"></p>
<button type="button" id="save">Save the tailoring file</button>
<details><summary>The file</summary><pre id="file" tabindex="0"></pre></details>
</section>
</header>
<main>
<noscript><p class="notice">This page needs its own script. Without it, use <code>scapfeed tailor</code>.</p></noscript>
<div class="bar">
<form id="filters" role="search" aria-label="Find rules">
<label class="search">Search <input type="search" id="search" placeholder="title, id, reference, description" autocomplete="off" aria-describedby="shown"></label>
<label class="field">Show <select id="show"><option value="all">all rules</option><option value="on">selected</option><option value="off">not selected</option><option value="changed">changed</option></select></label>
<button type="button" id="select">Select the shown</button>
<button type="button" id="unselect">Unselect the shown</button>
</form>
<p id="shown" role="status"></p>
</div>
<div id="rules" tabindex="-1"></div>
</main>
<footer>Made by scapfeed from ${escapeHtml(content.name)} (sha256 ${escapeHtml(content.sha256.slice(0, 12))}…)</footer>
<script type="application/json" id="policy">${jsonInHtml({ ...slim(policy), href })}</script>
${pageEnd(page)}`;
}

/** The shown part: addresses of references are half of a large benchmark, and other fixes are for other tools. */
function slim({ benchmark, items, values, profiles }: Policy) {
  return { benchmark: { id: benchmark.id }, items: items.map(slimItem), values, profiles };
}

function slimItem({ references, fixes, ...item }: PolicyItem) {
  return {
    ...item,
    references: [...new Set(references.map(({ text }) => text))].join(', '),
    fixes: fixes.filter(({ kind }) => kind === 'sh' || kind === 'ansible'),
  };
}

/** JSON in a script element: no text of it can end the element. */
function jsonInHtml(value: unknown): string {
  return safeJson(JSON.stringify(value)).replaceAll('<', '\\u003c');
}
