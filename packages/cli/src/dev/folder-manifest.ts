import { existsSync, readdirSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import { CliError } from '../cli-error.ts';
import { kindOfExtension } from '../artifact/kind-of-extension.ts';
import { exitCodes } from '../exit-codes.ts';

const folderMarks = ['package.json', 'index.js', 'index.mjs', '__main__.py'];

function nameOf(path: string): string {
  return path.replace(/[^\p{L}\p{N}_@.-]+/gu, '-').replace(/^[-.]+/, '') || 'action';
}

function manifestOf(actions: readonly (readonly [string, string])[]): string {
  const lines = actions.map(
    ([name, path]) =>
      `      ${JSON.stringify(name)}: {function: ${JSON.stringify(path.replaceAll('$', '$$$$'))}}`,
  );
  return ['packages:', '  default:', '    actions:', ...lines, ''].join('\n');
}

/**
 * The manifest that a folder without one means: the folder is an action where a package.json, an index.js or a
 * __main__.py stands in it, else each of its code files is one. Throws where there is no code at all.
 */
export function folderManifest(folder: string): string {
  const full = resolve(folder);
  if (folderMarks.some((name) => existsSync(join(full, name))))
    return manifestOf([[nameOf(basename(full)), '.']]);
  const files = readdirSync(full, { withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() && !entry.name.startsWith('.') && kindOfExtension(extname(entry.name)) !== undefined,
    )
    .map(({ name }) => name)
    .sort();
  if (files.length > 0)
    return manifestOf(files.map((file) => [nameOf(basename(file, extname(file))), file] as const));
  throw new CliError(`'${folder}' has neither a manifest.yaml nor code: there is nothing to run`, {
    exitCode: exitCodes.usage,
    hints: ['Write a function into it, as hello.js: function main(args) { return { hello: args.name }; }'],
  });
}
