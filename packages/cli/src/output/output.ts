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
  /** How wide a terminal is. */
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/**
 * The one place that prints. Results go to stdout, everything else to stderr. What reaches a terminal has its
 * control characters made visible, so that the output of somebody's function cannot steer the terminal.
 */
export interface Output {
  readonly format: OutputFormat;
  /** How wide the terminal is that shows the result; `undefined` where none does. */
  readonly columns: number | undefined;
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

/** Characters that turn the direction of what follows: a line can look like another one by them. */
const turning = '\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069';
const steering = new RegExp(`[\\p{Cc}${turning}]`, 'gu');

/** Control characters as `\x1b`, and those that turn the direction of writing; tabs and line feeds stay. */
export function visible(text: string): string {
  return text.replace(steering, (character) => {
    if (character === '\t' || character === '\n') return character;
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
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
    columns: targets.stdout.isTTY === true ? targets.stdout.columns : undefined,
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
