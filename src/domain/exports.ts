/** A file that was written and is to be kept elsewhere. */
export interface FinishedFile {
  readonly path: string;
  readonly bytes: number;
  /** As lower-case hex digits. */
  readonly sha256: string;
}

/** Where exports are kept: a folder, or a bucket. Names have slashes between folders. */
export interface ExportTarget {
  has(name: string): Promise<boolean>;
  /** Keeps a file whole or not at all, in place of one of that name; durable when it returns. */
  put(name: string, file: FinishedFile): Promise<void>;
}

/** Files that are being exported; none outlives its export. */
export interface ExportSpool {
  /** A path of which nothing is there yet. */
  newPath(): Promise<string>;
  write(path: string, bytes: AsyncIterable<Buffer>): Promise<void>;
  /** Reads a file back, for its size and checksum. */
  finished(path: string): Promise<FinishedFile>;
  /** Its bytes. It is gone from the folder before they are read: whoever stops reading leaves nothing behind. */
  take(path: string): Promise<AsyncIterable<Buffer>>;
  /** Also where there is none. */
  remove(path: string): Promise<void>;
  /** How many there are. */
  count(): Promise<number>;
}
