/** Addresses of pages. Digests and names are one part of a path, whatever they hold. */
export const addresses = {
  images: (query: Readonly<Record<string, string>> = {}) => withQuery('/images', query),
  image: (digest: string, query: Readonly<Record<string, string>> = {}) =>
    withQuery(`/images/${part(digest)}`, query),
  vulnerability: (id: string) => `/vulnerabilities/${part(id)}`,
  waivers: (id: string) => `/vulnerabilities/${part(id)}/waivers`,
  package: (source: string) => `/packages/${part(source)}`,
  profile: (name: string, query: Readonly<Record<string, string>> = {}) =>
    withQuery(`/profiles/${part(name)}`, query),
  search: (q: string) => withQuery('/search', { q }),
  news: (query: Readonly<Record<string, string>> = {}) => withQuery('/news', query),
};

function part(text: string): string {
  return encodeURIComponent(text).replaceAll('%3A', ':');
}

function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  const text = new URLSearchParams(query).toString();
  return text === '' ? path : `${path}?${text}`;
}
