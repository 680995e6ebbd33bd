import { runWsk, type Outcome, type Workplace } from '../run-wsk.ts';

/** Words of a command line, as a shell takes them apart; quotes hold what has spaces. */
function wordsOf(line: string): string[] {
  return Array.from(line.matchAll(/'([^']*)'|(\S+)/g), ([, quoted, plain]) => quoted ?? plain ?? '');
}

/** What differs from run to run, by what is written instead. */
const varying: readonly (readonly [RegExp, string])[] = [
  [/\{\s*"key": "initTime",\s*"value": \d+\s*\},?\s*/g, ''],
  [/("key": "waitTime",\s*"value": )\d+/g, '$1TIME'],
  [/"(start|end|duration|updated)": \d+/g, '"$1": TIME'],
  [/\b[0-9a-f]{32}\b/g, 'ID'],
  [/\(code [\w-]+\)/g, '(code TID)'],
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'DATE'],
];

function steady(text: string): string {
  return varying.reduce((result, [pattern, instead]) => result.replace(pattern, instead), text);
}

function written({ exitCode, stdout, stderr }: Outcome): string {
  const errors = stderr.replace(/^(?=.)/gm, '! ');
  return `${stdout}${errors}${exitCode === 0 ? '' : `[exit code ${exitCode}]\n`}`;
}

/** Where a transcript is played. */
export interface Stage {
  readonly place: Workplace;
  /** Flags that name the platform and the key. */
  readonly flags: readonly string[];
  /** Stand in transcripts for texts that differ from run to run. */
  readonly names: Readonly<Record<string, string>>;
}

function withNames(text: string, names: Stage['names'], written: boolean): string {
  let result = text;
  for (const [name, value] of Object.entries(names)) {
    result = written ? result.replaceAll(value, name) : result.replaceAll(name, value);
  }
  return result;
}

/**
 * Runs the commands of a transcript one after the other and gives the transcript as it went. Lines that begin with
 * `#` are remarks, with `$ ` commands; what follows a command is its stdout, its stderr after `! `, and its exit
 * code where that is not 0.
 */
export async function playTranscript(expected: string, { place, flags, names }: Stage): Promise<string> {
  let played = '';
  for (const line of expected.split('\n')) {
    if (line.startsWith('#')) played += `${played === '' ? '' : '\n'}${line}\n`;
    if (!line.startsWith('$ wsk ')) continue;
    const words = wordsOf(line.slice('$ wsk '.length)).map((word) => withNames(word, names, false));
    const outcome = await runWsk(place, [...flags, ...words]);
    played += `${line}\n${steady(withNames(written(outcome), names, true))}`;
  }
  return played;
}
