import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeLineFile } from '../src/feed/compile/line-file.ts';

/**
 * The feed of the night after one of a number: every 200th statement of each release has another fixed version, with those that share
 * its claim; where it has none, the next one that has. Each night changes others.
 */
export function laterFeed(feed, folder, night = 0, change = (fixed) => `${fixed}.1`) {
  return withChanges(feed, folder, (lines) => changedLines(lines, night, change));
}

/**
 * The same for a night of updates: the builds of every 200th advisory of each release are others, in all packages that it is about. That
 * is how vendors of rpm packages change their data.
 */
export function feedAfterUpdates(feed, folder) {
  return withChanges(feed, folder, updatedLines);
}

function withChanges(feed, folder, changesOf) {
  const later = mkdtempSync(join(folder, 'later-'));
  cpSync(feed, later, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(feed, 'manifest.json'), 'utf8'));
  const outputs = new Map(manifest.outputs.map((output) => [output.path, output]));
  let [statements, changed] = [0, 0];
  for (const { id } of manifest.platforms) {
    const path = `index/${id}.jsonl`;
    const now = changesOf(readFileSync(join(feed, path), 'utf8').trimEnd().split('\n'));
    statements += now.statements;
    changed += now.changed;
    for (const output of writeLineFile(later, path, now.lines)) outputs.set(output.path, output);
  }
  writeFileSync(
    join(later, 'manifest.json'),
    JSON.stringify({ ...manifest, outputs: [...outputs.values()] }, undefined, 1),
  );
  return { folder: later, statements, changed };
}

function changedLines(lines, night, change) {
  let [seen, due, changed] = [night, 0, 0];
  const later = lines.map((text) => {
    const record = JSON.parse(text);
    const key = Object.values(record)[0];
    if (record.claims === undefined) return { key, text };
    let isChanged = false;
    for (const claim of record.claims) {
      const statements = claim.ids.length;
      due += Math.floor((seen + statements) / 200) - Math.floor(seen / 200);
      seen += statements;
      if (due === 0 || claim.fixed === undefined) continue;
      due = Math.max(0, due - statements);
      claim.fixed = change(claim.fixed);
      changed += statements;
      isChanged = true;
    }
    return { key, text: isChanged ? JSON.stringify(record) : text };
  });
  return { lines: later, statements: seen - night, changed };
}

function updatedLines(lines) {
  const order = new Map();
  const isUpdated = (id) => {
    if (!order.has(id)) order.set(id, order.size);
    return order.get(id) % 200 === 100;
  };
  let [statements, changed] = [0, 0];
  const later = lines.map((text) => {
    const record = JSON.parse(text);
    const key = Object.values(record)[0];
    let isChanged = false;
    for (const claim of record.claims ?? []) {
      statements += claim.ids.length;
      const [advisory] = claim.advisories ?? [];
      if (advisory === undefined || claim.fixed === undefined || !isUpdated(advisory)) continue;
      claim.fixed = `${claim.fixed}.1`;
      changed += claim.ids.length;
      isChanged = true;
    }
    return { key, text: isChanged ? JSON.stringify(record) : text };
  });
  return { lines: later, statements, changed };
}
