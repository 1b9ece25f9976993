const NEWLINE = 0x0a;

/** A part of a long file of lines, to be read to its end before the next one is asked for. */
export interface Piece {
  readonly bytes: AsyncIterable<Buffer>;
  /** Line ends that have been read so far. */
  readonly lines: number;
}

/**
 * Cuts a stream of lines into pieces that end with a line, without holding any of it; the first piece also comes when
 * there is nothing in it.
 * @param bytesMin a piece ends with the first line that reaches this size; without it there is one piece
 */
export async function* piecesOf(
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
  bytesMin = Number.POSITIVE_INFINITY,
): AsyncGenerator<Piece> {
  const source = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  let rest: Buffer = Buffer.alloc(0);
  let ended = false;
  const next = async (): Promise<Buffer | undefined> => {
    if (rest.length > 0) {
      const chunk = rest;
      rest = Buffer.alloc(0);
      return chunk;
    }
    const { done, value } = await source.next();
    ended = done === true;
    return ended ? undefined : (value as Buffer);
  };
  for (let chunk = await next(), first = true; chunk !== undefined || first; first = false) {
    const piece = { lines: 0, bytes: bytesFrom(chunk) };
    async function* bytesFrom(begin: Buffer | undefined): AsyncGenerator<Buffer> {
      let bytes = 0;
      for (let part = begin; part !== undefined; part = await next()) {
        bytes += part.length;
        const cut = bytes >= bytesMin ? part.indexOf(NEWLINE, Math.max(0, part.length - (bytes - bytesMin) - 1)) : -1;
        const own = cut === -1 ? part : part.subarray(0, cut + 1);
        rest = part.subarray(own.length);
        piece.lines += countLines(own);
        if (own.length > 0) yield own;
        if (cut !== -1) return;
      }
    }
    yield piece;
    chunk = ended ? undefined : await next();
  }
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines;
}
