/**
 * Answers in the order of their questions. While one is looked at, the next ones are asked already: who answers works beside
 * who looks.
 * @param questions each is taken when one before it is answered
 * @param ahead how many are being answered at once; one more answer is held than that
 */
export async function* readAhead<Result>(
  questions: Iterable<() => Promise<Result>> | AsyncIterable<() => Promise<Result>>,
  ahead = 1,
): AsyncGenerator<Result> {
  const asked: Promise<Result>[] = [];
  try {
    for await (const ask of questions) {
      const oldest = asked.length < ahead ? undefined : { result: await asked[0]! };
      if (oldest !== undefined) void asked.shift();
      const next = ask();
      // If it fails, whoever waits for it is told.
      next.catch(() => undefined);
      asked.push(next);
      if (oldest !== undefined) yield oldest.result;
    }
    for (let next = asked.shift(); next !== undefined; next = asked.shift()) yield await next;
  } finally {
    // Whoever stops early must not leave a question behind that is still being answered.
    await Promise.allSettled(asked);
  }
}
