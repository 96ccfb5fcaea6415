/** A reference to an image without a name and password before its host. A password may hold any character: all up to the last `@` goes. */
export function referenceWithoutLogin(reference: string): string {
  return reference.replace(/^.*@(?!sha\d+:)/s, '');
}

/** A URI without a name and password before its host. */
export function uriWithoutLogin(uri: string): string {
  return uri.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@(?!sha\d+:)/i, '$1');
}
