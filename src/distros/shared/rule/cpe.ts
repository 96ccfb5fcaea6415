/** A CPE 2.2 URI (`cpe:/o:redhat:enterprise_linux:9::baseos`) by component; an empty component matches any. */
export interface Cpe {
  part: string;
  vendor: string;
  product: string;
  version: string;
  update: string;
  edition: string;
}

/** The components of a CPE 2.2 URI; undefined: not one. Trailing spaces occur in repository-to-cpe.json. */
export function parseCpe(text: string): Cpe | undefined {
  const uri = text.trim();
  if (!/^cpe:\/[aoh](?::|$)/.test(uri)) return undefined;
  const [part = '', vendor = '', product = '', version = '', update = '', edition = ''] = uri
    .slice('cpe:/'.length)
    .split(':')
    .map(unescapeComponent);
  return { part, vendor, product, version, update, edition };
}

/**
 * True if a statement for one CPE applies to an image with the other: vendor and product are the same (`/a` and `/o` are
 * equal), and the statement's version is a dotted prefix of the image's, so that `openshift:4` covers `openshift:4.13` and
 * `:1` does not cover `:10`. Red Hat compares five segments only: the channel after them (`::appstream`) is ignored, except
 * `::elN`, which names the RHEL below a layered product.
 */
export function cpeCovers(statement: Cpe, image: Cpe): boolean {
  if (statement.vendor !== image.vendor || statement.product !== image.product) return false;
  if (statement.version !== '' && !isDottedPrefix(statement.version, image.version)) return false;
  const below = rhelBelow(statement);
  const imageBelow = rhelBelow(image);
  return below === undefined || imageBelow === undefined || below === imageBelow;
}

/** Of two CPEs that cover an image, the greater value is more precise: `openshift:4.16` before `openshift:4`. */
export function cpePrecision({ version }: Cpe): number {
  return version === '' ? 0 : version.split('.').length;
}

/** The RHEL major of an `elN` suffix in update or edition; undefined: the CPE has none. */
export function rhelBelow(cpe: Cpe): number | undefined {
  const suffix = /^el(\d+)/.exec(cpe.edition) ?? /^el(\d+)/.exec(cpe.update);
  return suffix ? Number(suffix[1]) : undefined;
}

function isDottedPrefix(prefix: string, version: string): boolean {
  return version === prefix || version.startsWith(`${prefix}.`);
}

function unescapeComponent(component: string): string {
  if (!component.includes('%')) return component.toLowerCase();
  try {
    return decodeURIComponent(component).toLowerCase();
  } catch {
    return component.toLowerCase();
  }
}
