// The frame of every page.
export default function render({ title, content, navigation, source, up }) {
  const sections = navigation
    .map(
      ({ title: section, pages }) => `<li><h2>${escaped(section)}</h2><ul>
${pages
  .map(
    (page) =>
      `<li><a href="${up}${page.address}"${page.source === source ? ' aria-current="page"' : ''}>${escaped(page.title)}</a></li>`,
  )
  .join('\n')}
</ul></li>`,
    )
    .join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)} - scapfeed</title>
<link rel="stylesheet" href="${up}site.css">
<link rel="icon" href="data:,">
<script defer src="${up}site.js"></script>
</head>
<body data-up="${up}">
<a class="skip" href="#main">Skip to the text</a>
<header>
<a class="name" href="${up}index.html">scapfeed</a>
<form role="search"><label for="search">Search</label>
<input id="search" type="search" placeholder="press / to search" autocomplete="off" aria-controls="found"></form>
<ol id="found" hidden aria-label="Search results" aria-live="polite"></ol>
</header>
<div class="columns">
<nav aria-label="Pages"><details open><summary>Pages</summary><ul>
${sections}
</ul></details></nav>
<main id="main" tabindex="-1">
${content}
</main>
</div>
</body>
</html>
`;
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
