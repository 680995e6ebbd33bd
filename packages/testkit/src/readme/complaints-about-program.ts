import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';

const options: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.NodeNext,
  customConditions: ['source'],
  allowImportingTsExtensions: true,
  types: ['node'],
};

/** Reads one file that isn't there beside all that are. */
function hostWith(file: string, text: string): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.readFile = (name) => (name === file ? text : readFile(name));
  host.getSourceFile = (name, language, ...rest) =>
    name === file
      ? ts.createSourceFile(name, text, language)
      : getSourceFile.call(host, name, language, ...rest);
  return host;
}

/**
 * What strict TypeScript has against the first program of a README, as if it were a file beside it; nothing when it compiles.
 * Throws when the README has no program.
 *
 *     expect(complaintsAboutProgram(new URL('../README.md', import.meta.url))).toEqual([]);
 */
export function complaintsAboutProgram(readme: URL): string[] {
  const program = /```js\n([^]*?)```/.exec(readFileSync(readme, 'utf8'))?.[1];
  if (program === undefined) throw new Error(`There is no program in ${fileURLToPath(readme)}.`);
  const file = fileURLToPath(new URL('program-of-the-readme.ts', readme));
  const compiled = ts.createProgram([file], options, hostWith(file, program));
  const source = compiled.getSourceFile(file);
  const complaints = [
    ...compiled.getSyntacticDiagnostics(source),
    ...compiled.getSemanticDiagnostics(source),
  ];
  return complaints.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}
