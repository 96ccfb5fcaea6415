import type { HttpProblem } from '../serve/problem.ts';
import { html, nothing } from './html.ts';
import { soloDocument } from './layout.ts';
import { notice } from './parts.ts';

/** An error for a person with a browser: what happened, and what to do. */
export function problemPage({ status, title, detail, where, remedy, code }: HttpProblem): string {
  return soloDocument(
    title,
    html`<h1>${title}</h1>
<p>${detail.charAt(0).toUpperCase()}${detail.slice(1)}${where === undefined ? nothing : html` (<code>${where}</code>)`}.</p>
${remedy === undefined ? nothing : html`<p>${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}.</p>`}
<p><a href="/">Overview</a>${status === 403 ? html` · <a href="/sign-in">Sign in with another token</a>` : nothing}</p>
<p class="dim"><code>${code}</code>, HTTP ${status}</p>`,
  );
}

/** A form that takes a token. `error`: why the last one was refused. */
export function signInPage(action: string, next: string, error: string | undefined): string {
  return soloDocument(
    'Sign in',
    html`<h1>Sign in</h1>
${error === undefined ? nothing : html`<div role="alert">${notice('bad', error.charAt(0).toUpperCase() + error.slice(1))}</div>`}
<form method="post" action="${action}">
<input type="hidden" name="next" value="${next}">
<input type="text" name="user" autocomplete="username" value="token" hidden>
<label>Token<input name="token" type="password" autocomplete="current-password" required autofocus></label>
<button type="submit" class="main">Sign in</button>
</form>
<p class="dim"><code>scapfeed fleet token add NAME</code> makes a token, on the machine of the fleet. This browser stays signed in for twelve hours.</p>`,
  );
}
