/** Half of a character, which UTF-8 cannot hold and JSON can bring. */
const loneSurrogate = /\p{Surrogate}/gu;

/** Text as a part of a URI, whatever it has. */
export function percentEncoded(text: string): string {
  return encodeURIComponent(text.replace(loneSurrogate, '\ufffd'));
}
