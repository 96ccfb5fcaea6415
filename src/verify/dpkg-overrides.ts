import { textLines } from '../files/text-lines.ts';
import type { FileView } from '../model/index.ts';
import { maxTableBytes } from './limits.ts';

export const diversionsPath = '/var/lib/dpkg/diversions';
export const statOverridePath = '/var/lib/dpkg/statoverride';

/** Returns where a package's file is: another package or the administrator may have diverted it (dpkg-divert(1)). */
export type Diversions = (path: string, packageName: string) => string;

/** Three lines per diversion: from, to, and the package that made it, whose own file keeps its name; `:` is none. */
export function readDiversions(files: FileView): Diversions {
  const content = files.read(diversionsPath, maxTableBytes);
  const lines = content ? [...textLines(content)] : [];
  const diversions = new Map<string, { to: string; by: string }>();
  for (let at = 0; at + 2 < lines.length; at += 3) {
    diversions.set(lines[at]!, { to: lines[at + 1]!, by: lines[at + 2]! });
  }
  return (path, packageName) => {
    const diversion = diversions.get(path);
    return diversion && diversion.by !== packageName ? diversion.to : path;
  };
}

/** Modes that the administrator has set with dpkg-statoverride(1), by path: `root shadow 2755 /usr/bin/x`. */
export function readStatOverrides(files: FileView): ReadonlyMap<string, number> {
  const content = files.read(statOverridePath, maxTableBytes);
  const modes = new Map<string, number>();
  for (const line of content ? textLines(content) : []) {
    const match = /^\S+ \S+ ([0-7]{3,4}) (\/.*)$/.exec(line);
    if (match) modes.set(match[2]!, Number.parseInt(match[1]!, 8));
  }
  return modes;
}
