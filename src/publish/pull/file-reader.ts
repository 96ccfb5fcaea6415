/** Random access to the files of a folder or a bundle. */
export interface FileReader {
  /** Undefined: no such file. */
  read(path: string, maxBytes: number): Buffer | undefined;
  roles?: readonly string[];
  close(): void;
}
