import { compactJson, prettyJson } from '../values/json-text.ts';

export type OutputFormat = 'text' | 'json' | 'ndjson';

/** Text with a colour, on terminals. */
export interface Styled {
  readonly style: 'bold' | 'green' | 'red' | 'dim';
  readonly text: string;
}

/** A part of a line. */
export type Piece = string | Styled;

/** Where text goes: `process.stdout`, `process.stderr`, or a test's collector. */
export interface TextSink {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/**
 * The one place that prints. Results go to stdout, everything else to stderr. What reaches a terminal has its
 * control characters made visible, so that the output of somebody's function cannot steer the terminal.
 */
export interface Output {
  readonly format: OutputFormat;
  /** Progress and hints for people make sense. */
  readonly interactive: boolean;
  /** A line of the result, in text format only. */
  line(...pieces: Piece[]): void;
  /** A line for people, on stderr, in every format. */
  note(...pieces: Piece[]): void;
  /** Text for stderr as it is, for what redraws itself; only when {@link interactive}. */
  redraw(text: string): void;
  /** JSON on stdout: indented, or on one line where the format is `ndjson`. */
  document(json: string): void;
  /** JSON of a failed activation, on stderr. */
  failure(json: string): void;
  /** A list on stdout in a JSON format: an array, or with `ndjson` a line for each element. */
  documents(elements: readonly string[]): void;
}

const ansi = { bold: '1', green: '32', red: '31', dim: '2' } as const;

export const ok: Styled = { style: 'green', text: 'ok:' };

export function bold(text: string): Styled {
  return { style: 'bold', text };
}

/** Control characters as `\x1b`; tabs and line feeds stay. */
export function visible(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => {
    if (character === '\t' || character === '\n') return character;
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

/** `NO_COLOR` and `TERM=dumb` are how users switch colours off everywhere. */
function wantsColour(sink: TextSink, environment: NodeJS.ProcessEnv): boolean {
  return sink.isTTY === true && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
}

function createWriter(sink: TextSink, environment: NodeJS.ProcessEnv): (pieces: readonly Piece[]) => void {
  const colour = wantsColour(sink, environment);
  const clean = sink.isTTY === true ? visible : (text: string): string => text;
  return (pieces) => {
    let line = '';
    for (const piece of pieces) {
      if (typeof piece === 'string') line += clean(piece);
      else if (!colour) line += clean(piece.text);
      else line += `\u001b[${ansi[piece.style]}m${clean(piece.text)}\u001b[0m`;
    }
    sink.write(`${line}\n`);
  };
}

interface OutputTargets {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly environment: NodeJS.ProcessEnv;
}

/** Makes the output of one command. */
export function createOutput(format: OutputFormat, targets: OutputTargets): Output {
  const toStdout = createWriter(targets.stdout, targets.environment);
  const toStderr = createWriter(targets.stderr, targets.environment);
  const render = format === 'ndjson' ? compactJson : prettyJson;
  return {
    format,
    interactive: targets.stderr.isTTY === true,
    line: (...pieces) => {
      if (format === 'text') toStdout(pieces);
    },
    note: (...pieces) => toStderr(pieces),
    redraw: (text) => void targets.stderr.write(text),
    document: (json) => toStdout([render(json)]),
    failure: (json) => toStderr([render(json)]),
    documents: (elements) => {
      if (format === 'ndjson') for (const element of elements) toStdout([compactJson(element)]);
      else toStdout([prettyJson(`[${elements.join(',')}]`)]);
    },
  };
}
