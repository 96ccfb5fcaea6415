export interface ChangelogRelease {
  heading: string;
  version: string | undefined;
  date: string | undefined;
  text: string;
}
export function readChangelog(text: string): ChangelogRelease[];
export function changelogFaults(text: string): string[];
