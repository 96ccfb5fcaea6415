import type { HttpProblem } from '../refusal.ts';
import { html, nothing } from './html.ts';
import { soloDocument } from './layout.ts';
import { notice } from './parts.ts';

/** An error for a person with a browser: what happened, and what to do. `hasProvider`: people sign in without tokens too. */
export function problemPage(
  { status, title, detail, where, remedy, code }: HttpProblem,
  hasProvider = false,
): string {
  return soloDocument(
    title,
    html`<h1>${title}</h1>
<p>${detail.charAt(0).toUpperCase()}${detail.slice(1)}${where === undefined ? nothing : html` (<code>${where}</code>)`}.</p>
${remedy === undefined ? nothing : html`<p>${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}.</p>`}
<p><a href="/">Overview</a>${status === 403 ? html` · <a href="/sign-in">Sign in ${hasProvider ? 'as somebody else' : 'with another token'}</a>` : nothing}</p>
<p class="dim"><code>${code}</code>, HTTP ${status}</p>`,
  );
}

/** The ways to sign in. */
export interface SignInChoice {
  /** Where the person wants to go: a path of this server. */
  next: string;
  /** Why the last attempt was refused. */
  error?: string | undefined;
  /** The name of the provider at which people sign in; absent: with tokens only. */
  provider?: string | undefined;
}

/** A link to the provider, and a form that takes a token. */
export function signInPage({ next, error, provider }: SignInChoice): string {
  return soloDocument(
    'Sign in',
    html`<h1>Sign in</h1>
${error === undefined ? nothing : html`<div role="alert">${notice('bad', error.charAt(0).toUpperCase() + error.slice(1))}</div>`}
${provider === undefined ? nothing : html`<p><a class="main" href="/sign-in/provider?next=${encodeURIComponent(next)}">Sign in at ${provider}</a></p>`}
<form method="post" action="/sign-in">
<input type="hidden" name="next" value="${next}">
<input type="text" name="user" autocomplete="username" value="token" hidden>
<label>Token<input name="token" type="password" autocomplete="current-password" required${provider === undefined ? html` autofocus` : nothing}></label>
<button type="submit"${provider === undefined ? html` class="main"` : nothing}>Sign in${provider === undefined ? nothing : html` with a token`}</button>
</form>
<p class="dim"><code>scapfeed fleet token add NAME</code> makes a token, on the machine of the fleet. With a token, this browser stays signed in for twelve hours.</p>`,
  );
}

/** After a person of a provider signed out here: the provider may still know the browser. */
export function signedOutPage(provider: string, address: string): string {
  return soloDocument(
    'Signed out',
    html`<h1>Signed out</h1>
<p>This browser is signed out of the fleet. At ${provider} it may still be signed in.</p>
<p><a class="main" href="${address}">Sign out at ${provider} too</a></p>
<p><a href="/sign-in">Sign in again</a></p>`,
  );
}
