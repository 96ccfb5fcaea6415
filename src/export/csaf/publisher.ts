/** `document.publisher`, which the provider's metadata repeats. */
export interface CsafPublisher {
  category: 'other' | 'vendor';
  name: string;
  namespace: string;
}

/** An address that is nobody's, until --url names the one that the folder is served under. */
export const noAddress = 'https://scapfeed.invalid';

export function publisherOf(address: string, name = 'scapfeed'): CsafPublisher {
  return { category: 'other', name, namespace: new URL(address).origin };
}
