// CHANGELOG.md in the form of Keep a Changelog 1.1.0 (keepachangelog.com).
const kinds = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'];

/** Its releases, the newest first, each with the text below its heading. `Unreleased` is the first, without a date. */
export function readChangelog(text) {
  return text
    .split(/^(?=## )/m)
    .slice(1)
    .map((part) => {
      const [heading, ...lines] = part.split('\n');
      const [, version, date] = /^## \[([^\]]+)\](?: - (\S+))?/.exec(heading) ?? [];
      return { heading, version, date, text: lines.join('\n').trim() };
    });
}

/** Faults that keep it from being such a changelog. */
export function changelogFaults(text) {
  const faults = [];
  if (!text.startsWith('# Changelog\n')) faults.push('it does not begin with "# Changelog"');
  const releases = readChangelog(text);
  if (releases[0]?.version !== 'Unreleased') faults.push('the first part is not [Unreleased]');
  const seen = new Set();
  releases.forEach(({ heading, version, date, text: body }, at) => {
    if (version === undefined) faults.push(`"${heading}" is not "## [VERSION] - YYYY-MM-DD"`);
    else if (seen.has(version)) faults.push(`[${version}] is there twice`);
    seen.add(version);
    if (at > 0 && !/^\d+\.\d+\.\d+/.test(version ?? '')) faults.push(`"${heading}" names no version`);
    if (at > 0 && Number.isNaN(Date.parse(date ?? ''))) faults.push(`"${heading}" has no date`);
    const later = releases[at - 1];
    if (at > 1 && date > later.date) faults.push(`[${version}] is newer than [${later.version}] above it`);
    const headings = [...body.matchAll(/^### (.+)$/gm)].map(([, kind]) => kind);
    for (const kind of headings) {
      if (!kinds.includes(kind)) faults.push(`[${version}]: "${kind}" is none of ${kinds.join(', ')}`);
    }
    if (new Set(headings).size < headings.length) faults.push(`[${version}] has a heading twice`);
    for (const [line] of body.matchAll(/^(?![-#\s]|$).+$/gm))
      faults.push(`[${version}]: "${line}" is not an entry`);
  });
  return faults;
}
