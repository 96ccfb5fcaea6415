/** A URI as JSON Schema's format has it. */
export function isWebAddress(url: string): boolean {
  return (
    /^https?:\/\/[A-Za-z0-9.-]+(?::\d+)?(?:[/?#](?:[\w.~:/?#@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?$/.test(url) &&
    URL.canParse(url)
  );
}
