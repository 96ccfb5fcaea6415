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

/** A Debian package of a kernel's source; userland has headers of it (`linux-libc-dev`) and tools (`bpftool`). */
export function isKernelBinary(name: string): boolean {
  return /^linux-(?!libc-dev(?:-|$))/.test(name);
}
