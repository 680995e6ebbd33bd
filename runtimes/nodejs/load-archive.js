'use strict';
/** From an archive to the function that `main` names in it, as OpenWhisk's Node runtime finds it. */
const fs = require('node:fs');
const path = require('node:path');
const { unpack } = require('../shared/archive.js');
const { importModule } = require('./import-module.js');
const { functionOf, isForImport, codeDirectory, refusal } = require('./load-action.js');

const INDEX_FILES = ['index.js', 'index.mjs', 'index.cjs'];

async function loadArchive({ main, code, actionDirectory }) {
  const root = codeDirectory(actionDirectory);
  try {
    unpack(Buffer.from(code, 'base64'), root);
  } catch (error) {
    throw refusal(`There was an error uncompressing the action archive: ${error.message}`);
  }
  process.chdir(root);
  const { file, name } = locate(root, main);
  try {
    return functionOf(await load(file), name, main);
  } catch (error) {
    throw missingDependencies(root, error) ?? error;
  }
}

/** The module of an archive, and the name in it. `file.name` means another module than the archive's own. */
function locate(root, main) {
  const dot = main.indexOf('.');
  if (dot > 0) {
    const file = tryResolve(path.join(root, main.slice(0, dot))) ?? tryExtension(root, main.slice(0, dot));
    if (file !== undefined) return { file, name: main.slice(dot + 1) };
  }
  return { file: entryFile(root), name: main };
}

function tryExtension(root, name) {
  const file = path.join(root, `${name}.mjs`);
  return fs.existsSync(file) ? file : undefined;
}

function tryResolve(request) {
  try {
    return require.resolve(request);
  } catch {
    return undefined;
  }
}

function entryFile(root) {
  const manifest = readManifest(root);
  const named = manifest?.main ?? (typeof manifest?.exports === 'string' ? manifest.exports : undefined);
  if (typeof named === 'string') {
    const file = tryResolve(path.join(root, named));
    if (file !== undefined) return file;
  }
  const index = INDEX_FILES.map((name) => path.join(root, name)).find((file) => fs.existsSync(file));
  if (index !== undefined) return index;
  if (manifest === undefined) {
    throw refusal('Zipped actions must contain either package.json or index.js at the root.');
  }
  const wanted = JSON.stringify(named ?? 'index.js');
  throw refusal(
    `The package.json of the action names ${wanted} as its main file, which isn't in the archive.`,
  );
}

function readManifest(root) {
  const file = path.join(root, 'package.json');
  if (!fs.existsSync(file)) return undefined;
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) ?? {};
  } catch (error) {
    throw refusal(`The package.json of the action can't be read: ${error.message}`);
  }
}

async function load(file) {
  if (file.endsWith('.mjs')) return importModule(file);
  try {
    return require(file);
  } catch (error) {
    if (isForImport(error)) return importModule(file);
    throw error;
  }
}

/** An error that says what to do, when a module is missing that the archive declares but doesn't hold. */
function missingDependencies(root, error) {
  if (error?.code !== 'MODULE_NOT_FOUND' && error?.code !== 'ERR_MODULE_NOT_FOUND') return undefined;
  const dependencies = Object.keys(readManifest(root)?.dependencies ?? {});
  if (dependencies.length === 0 || fs.existsSync(path.join(root, 'node_modules'))) return undefined;
  const missing = String(error.message).split('\n')[0];
  return refusal(
    `${missing}. The package.json of the action names dependencies (${dependencies.slice(0, 5).join(', ')}), but the ` +
      'archive has no node_modules, and nothing is installed when an action starts: run `npm install --omit=dev` and ' +
      'include node_modules in the archive, or bundle the code into one file.',
  );
}

module.exports = { loadArchive };
