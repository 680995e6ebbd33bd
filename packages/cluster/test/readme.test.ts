import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

test('the program at the beginning of the README compiles as strict TypeScript', () => {
  const program = /```js\n([^]*?)```/.exec(readme)![1]!;
  const file = join(root, 'packages/cluster/test/program-of-the-readme.ts');
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
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.readFile = (name) => (name === file ? program : readFile(name));
  host.getSourceFile = (name, language, ...rest) =>
    name === file
      ? ts.createSourceFile(name, program, language)
      : getSourceFile.call(host, name, language, ...rest);
  const compiled = ts.createProgram([file], options, host);
  const parsed = compiled.getSourceFile(file);
  const problems = [...compiled.getSyntacticDiagnostics(parsed), ...compiled.getSemanticDiagnostics(parsed)];
  expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))).toEqual([]);
}, 60_000);
