/** One header as a database stores it, and its place for an error: file and record. */
export interface HeaderBlob {
  bytes: Buffer;
  where: string;
}

/** rpm itself refuses headers above 256 MB; the largest real ones (kernel, texlive) have some 10 MB. */
export const maxHeaderBytes = 64 << 20;
