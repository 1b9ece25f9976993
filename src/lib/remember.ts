/**
 * Remembers what a pure function made of a text, up to a number of texts; then it starts afresh. For texts that repeat
 * over and over: it also makes equal results one object, which is what keeps the garbage collector idle.
 */
export function remember<Value>(make: (text: string) => Value, textsMax: number): (text: string) => Value {
  const known = new Map<string, Value>();
  // The same text often comes many times in a row, and comparing is cheaper than looking up.
  let last: string | undefined;
  let lastValue: Value | undefined;
  return (text) => {
    if (text === last) return lastValue as Value;
    let value = known.get(text);
    if (value === undefined) {
      if (known.size >= textsMax) known.clear();
      value = make(text);
      known.set(text, value);
    }
    last = text;
    lastValue = value;
    return value;
  };
}
