import type { Random } from "./random.ts";

/** JSON as it is written: scalars and names keep their text, so that what is no JSON can be written too. */
export type Tree = { raw: string } | { list: Tree[] } | { members: [name: string, value: Tree][] };

export const raw = (text: string): Tree => ({ raw: text });
export const text = (value: string): Tree => raw(JSON.stringify(value));
export const object = (members: Readonly<Record<string, Tree>>): Tree => ({
  members: Object.entries(members).map(([name, value]) => [JSON.stringify(name), value]),
});

/** Where each item of a document stands in its text. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const SPACES = ["", "", "", "", " ", "\n", "\r\n\t", "  "] as const;

/** Writes a tree; `spans` collects where the given trees stand, in characters. */
export function written(
  tree: Tree,
  { random, lines = false, marked = new Set() }: { random: Random; lines?: boolean; marked?: ReadonlySet<Tree> },
): { readonly text: string; readonly spans: Span[] } {
  let out = "";
  const spans: Span[] = [];
  const space = (): string => {
    const drawn = random.pick(SPACES);
    return lines ? drawn.replace(/[\r\n]/g, " ") : drawn;
  };
  const write = (node: Tree): void => {
    const from = out.length;
    if ("raw" in node) out += node.raw;
    else if ("list" in node) {
      out += `[${space()}`;
      node.list.forEach((value, i) => {
        if (i > 0) out += `${space()},${space()}`;
        write(value);
      });
      out += `${space()}]`;
    } else {
      out += `{${space()}`;
      node.members.forEach(([name, value], i) => {
        if (i > 0) out += `${space()},${space()}`;
        out += `${name}${space()}:${space()}`;
        write(value);
      });
      out += `${space()}}`;
    }
    if (marked.has(node)) spans.push({ from, to: out.length });
  };
  write(tree);
  return { text: out, spans };
}

const ODD_SCALARS = [
  "null",
  "true",
  "0",
  "-0",
  "-1",
  "1e999",
  "1e-99999",
  "1E+2",
  "0.1000000000000000055511151231257827",
  "123456789012345678901234567890",
  "NaN",
  "Infinity",
  "01",
  "+1",
  ".5",
  "1.",
  '""',
  '"null"',
  '"1.5"',
  '"24,10"',
  '"\\ud800"',
  '"\\u0000"',
  '"{\\"a\\":[1"',
  '"]},{"',
  '"a\\\\"',
  '"ü€😀"',
  "undefined",
  "'x'",
  "{}",
  "[]",
] as const;

function oddTree(random: Random): Tree {
  if (random.oneIn(12)) {
    const depth = 1 + random.below(40);
    return raw("[".repeat(depth) + "]".repeat(depth));
  }
  if (random.oneIn(20)) return raw(`"${"x".repeat(random.below(3_000))}"`);
  if (random.oneIn(20)) return raw(`1.${"0".repeat(random.below(400))}`);
  return raw(random.pick(ODD_SCALARS));
}

/** Every tree below and with this one. */
function treesOf(tree: Tree, into: Tree[] = []): Tree[] {
  into.push(tree);
  if ("list" in tree) for (const value of tree.list) treesOf(value, into);
  if ("members" in tree) for (const [, value] of tree.members) treesOf(value, into);
  return into;
}

const withEscapes = (name: string): string =>
  name.replace(/[a-z]/, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);

function changeMembers(members: [string, Tree][], random: Random): void {
  const at = random.below(members.length);
  const [name, value] = members[at]!;
  switch (random.below(6)) {
    case 0:
      members.splice(at, 1);
      break;
    case 1:
      members.push([name, random.oneIn(2) ? value : oddTree(random)]);
      break;
    case 2:
      members[at] = [withEscapes(name), value];
      break;
    case 3:
      members[at] = [random.pick(['"value"', '"quantity"', '"specversion"', '"x-y"', '""', "x", '"__proto__"']), value];
      break;
    case 4:
      members.unshift([random.pick(['"extra"', '"value"', '"quantity"', '"nextLink"']), oddTree(random)]);
      break;
    default:
      members[at] = [name, oddTree(random)];
  }
}

/** Changes one place of a tree, of its structure or of a value. */
export function mutateTree(tree: Tree, random: Random): void {
  const node = random.pick(treesOf(tree));
  if ("members" in node && node.members.length > 0) changeMembers(node.members, random);
  else if ("list" in node && node.list.length > 0) {
    const at = random.below(node.list.length);
    if (random.oneIn(3)) node.list.splice(at, 1);
    else if (random.oneIn(2)) node.list.splice(at, 0, node.list[random.below(node.list.length)]!);
    else node.list[at] = oddTree(random);
  } else if ("raw" in node) {
    const odd = oddTree(random);
    if ("raw" in odd) node.raw = odd.raw;
  }
}
