import { judges } from './judges.ts';

/** The vendor's page about a flaw; undefined where the distribution has none, or none about ids of this kind. */
export function flawPage(osId: string, id: string): string | undefined {
  const pages = pagesOf(osId);
  return pages && id.startsWith('CVE-') ? pages.flaws + encodeURIComponent(id) : undefined;
}

/** The vendor's page about an advisory. */
export function advisoryPage(osId: string, id: string): string | undefined {
  const page = pagesOf(osId)?.advisories[id.slice(0, Math.max(0, id.indexOf('-')))];
  return page && page + encodeURIComponent(id).replaceAll('%3A', ':');
}

function pagesOf(osId: string) {
  return judges.find(({ id }) => id === osId)?.pages;
}
