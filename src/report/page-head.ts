import { createHash } from 'node:crypto';
import { escapeHtml } from '../model/index.ts';

/** The head of a self-contained page, up to its body. */
export function pageHead({ title, policy, style }: { title: string; policy: string; style: string }): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
`;
}

/** Only the page's own style and script are allowed; nothing is loaded, sent or framed. */
export function ownContentOnly(style: string, script: string): string {
  return `default-src 'none'; style-src '${digest(style)}'; script-src '${digest(script)}'; base-uri 'none'; form-action 'none'`;
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
