import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const source = (path: string) =>
  readFileSync(new URL(`../../src/scheduler/${path}`, import.meta.url), 'utf8');

describe('the README names', () => {
  test.each(source('options.ts').match(/(?<=^ {2}readonly )\w+/gm)!)('the option %s', (option) => {
    expect(readme).toMatch(new RegExp(`\`\\.?${option}\``));
  });

  const classes = readdirSync(new URL('../../src/scheduler/errors', import.meta.url))
    .filter((file) => file.endsWith('errors.ts') || file === 'options-error.ts')
    .flatMap((file) => source(`errors/${file}`).match(/(?<=readonly code.*)'[A-Z_]+'/gm) ?? []);

  test.each(classes)('the error %s', (code) => {
    expect(readme).toContain(`\`${code.slice(1, -1)}\``);
  });
});

test('the program at the beginning of the README compiles as strict TypeScript', () => {
  const program = /```js\n([^]*?)```/.exec(readme)![1]!;
  const file = join(root, 'packages/mesos/test/face/program-of-the-readme.ts');
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
  const source = compiled.getSourceFile(file);
  const problems = [...compiled.getSyntacticDiagnostics(source), ...compiled.getSemanticDiagnostics(source)];
  expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))).toEqual([]);
}, 60_000);
