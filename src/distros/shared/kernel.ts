/**
 * Whether a name is one of a kernel: `first`, then words of the list and versions, joined by `-`. `linux-azure-fde-5.15` is one
 * with `azure` and `fde`; what has another word is not, so that `linux-pam` is not taken for a flavour.
 */
export function kernelNames(first: string, words: string): (name: string) => boolean {
  const known = new Set(words.split(' '));
  return (name) => {
    const [head, ...rest] = name.split('-');
    return head === first && rest.every((word) => known.has(word) || /^\d+\.\d+$/.test(word));
  };
}

/**
 * Whether a name is one of a family of packages of a kernel: `linux`, then a word of the list anywhere, as Ubuntu puts the flavour
 * before it (`linux-gcp-5.15-headers-5.15.0-1049`). The sources of kernels have programs and C headers too, which are none.
 */
export function kernelFamilies(words: string): (name: string) => boolean {
  const known = new Set(words.split(' '));
  return (name) => {
    const [head, ...rest] = name.split('-');
    return head === 'linux' && rest.some((word) => known.has(word));
  };
}
