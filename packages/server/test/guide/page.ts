/** A command of a page, and what the page shows below it. */
export interface Example {
  readonly kind: 'command';
  readonly command: string;
  readonly shown: string;
  /** Where what is shown begins and ends in the page. */
  readonly from: number;
  readonly to: number;
}

/** A file that the page gives: the fence says its name. */
interface PageFile {
  readonly kind: 'file';
  readonly name: string;
  readonly text: string;
}

/** A block that no test runs. */
interface Unrun {
  readonly kind: 'unrun';
  readonly text: string;
}

type Step = Example | PageFile | Unrun;

function examplesOf(body: string, offset: number): Example[] {
  // A command goes on in the next line where it ends with a backslash.
  return Array.from(body.matchAll(/^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)/gm), (match) => {
    const [all, command = '', shown = ''] = match;
    const to = offset + match.index + all.length;
    return { kind: 'command', command, shown, from: to - shown.length, to };
  });
}

/** What a page of the guide asks its reader to do, in its order. */
export function stepsOf(page: string): Step[] {
  const steps: Step[] = [];
  for (const match of page.matchAll(/^```(\w*) ?(\S*)\n([^]*?)^```$/gm)) {
    const [all, language = '', name = '', text = ''] = match;
    if (name !== '') steps.push({ kind: 'file', name, text });
    else if (language === 'console') {
      steps.push(...examplesOf(text, match.index + all.length - text.length - 3));
    } else steps.push({ kind: 'unrun', text });
  }
  return steps;
}
