/**
 * Answers in the order of their questions. While one is looked at, the next question is asked already: who answers works
 * beside who looks. No more than two answers are held.
 * @param questions the next one is taken when the one before is answered
 */
export async function* readAhead<Result>(questions: Iterable<() => Promise<Result>>): AsyncGenerator<Result> {
  let next: Promise<Result> | undefined;
  try {
    for (const ask of questions) {
      const asked = next;
      const result = asked === undefined ? undefined : await asked;
      next = ask();
      // If it fails, whoever waits for it is told.
      next.catch(() => undefined);
      if (asked !== undefined) yield result as Result;
    }
    if (next !== undefined) yield await next;
  } finally {
    // Whoever stops early must not leave a question behind that is still being answered.
    await next?.catch(() => undefined);
  }
}
