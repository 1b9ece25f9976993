/** Longer texts are made anew each time: they would fill the cache, and V8 cannot tell very long ones apart quickly. */
const TEXT_CHARS_MAX = 4_096;

/**
 * Remembers what a pure function made of a text, up to a number of characters of texts; then it starts afresh. For texts
 * that repeat over and over: it also makes equal results one object, which is what keeps the garbage collector idle.
 */
export function remember<Value>(make: (text: string) => Value, charsMax: number): (text: string) => Value {
  const known = new Map<string, Value>();
  let chars = 0;
  // The same text often comes many times in a row, and comparing is cheaper than looking up.
  let last: string | undefined;
  let lastValue: Value | undefined;
  return (text) => {
    if (text.length > TEXT_CHARS_MAX) return make(text);
    if (text === last) return lastValue as Value;
    const before = known.get(text);
    const value = before ?? make(text);
    if (before === undefined) {
      chars += text.length;
      if (chars > charsMax) {
        known.clear();
        chars = text.length;
      }
      known.set(text, value);
    }
    last = text;
    lastValue = value;
    return value;
  };
}

/** Remembers the last result alone: for what comes in runs of the same value. */
export function rememberLast<Input, Value>(make: (input: Input) => Value): (input: Input) => Value {
  let last: { readonly input: Input; readonly value: Value } | undefined;
  return (input) => {
    if (last === undefined || last.input !== input) last = { input, value: make(input) };
    return last.value;
  };
}
