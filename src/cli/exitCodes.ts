/** What the command's exit status tells; docs/reference/command-line.md is generated from this list. */
export const EXIT_CODES = {
  done: { status: 0, doc: "Done." },
  refused: { status: 1, doc: "Refused: the server or a rule said no; the code, the cause and the remedy are printed." },
  usage: { status: 2, doc: "The command line cannot be understood." },
  notFound: { status: 3, doc: "What was asked for does not exist." },
  unavailable: {
    status: 4,
    doc: "The server, the data folder or an engine cannot be used now; try again or see the remedy.",
  },
  incomplete: {
    status: 5,
    doc: "Usage or a catalogue was taken in, but some rows were rejected; the good ones are kept.",
  },
  interrupted: {
    status: 130,
    doc: "Interrupted, as by Ctrl-C; what was acknowledged is kept, and the command can be run again.",
  },
  defect: { status: 70, doc: "A defect inside Stampbook, or a Node.js that is too old." },
} as const;
