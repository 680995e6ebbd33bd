'use strict';
/** From an init message to the function that it names: text in CommonJS (or ES module) style, or an archive. */
const fs = require('node:fs');
const path = require('node:path');
const Module = require('node:module');

const IDENTIFIERS = /^[\p{ID_Start}$_][\p{ID_Continue}$]*(\.[\p{ID_Start}$_][\p{ID_Continue}$]*)*$/u;
/** What V8 says of an ES module that is compiled as CommonJS. */
const MODULE_SYNTAX =
  /^(Cannot use import statement outside a module|Unexpected token 'export'|Cannot use 'import\.meta'|await is only valid)/;
const INDEX_FILES = ['index.js', 'index.mjs', 'index.cjs'];

/** Resolves with the function; what it rejects with goes to the user. */
function loadAction({ main, code, binary }, actionDirectory) {
  return binary ? loadArchive({ main, code, actionDirectory }) : loadText({ main, code, actionDirectory });
}

function loadText({ main, code, actionDirectory }) {
  if (!IDENTIFIERS.test(main)) throw notAFunction(main);
  const directory = actionDirectory ?? process.cwd();
  if (actionDirectory !== undefined) process.chdir(directory);
  const module = emptyModule(path.join(directory, 'index.js'));
  // `main` may be a plain function of the script's scope, which only code in that scope can name
  const probe = `\n;try { module.vibrissaMain = ${main}; } catch {}`;
  try {
    module._compile(code + probe, module.filename);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    if (MODULE_SYNTAX.test(error.message)) return loadModuleText({ main, code, actionDirectory });
    throw pointedAt(error, code, module.filename);
  }
  if (typeof module.vibrissaMain === 'function') return module.vibrissaMain;
  return functionOf(module.exports, main);
}

async function loadModuleText({ main, code, actionDirectory }) {
  const file = path.join(codeDirectory(actionDirectory), 'index.mjs');
  fs.writeFileSync(file, code);
  return functionOf(await importFile(file), main);
}

async function loadArchive({ main, code, actionDirectory }) {
  const root = codeDirectory(actionDirectory);
  const { unpack } = require('../shared/archive.js');
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
  if (file.endsWith('.mjs')) return importFile(file);
  try {
    return require(file);
  } catch (error) {
    const isModule = error?.code === 'ERR_REQUIRE_ESM' || error?.code === 'ERR_REQUIRE_ASYNC_MODULE';
    if (!isModule && !(error instanceof SyntaxError && MODULE_SYNTAX.test(error.message))) throw error;
    return importFile(file);
  }
}

function importFile(file) {
  const { pathToFileURL } = require('node:url');
  return import(pathToFileURL(file).href);
}

/** The function that a module gives under a dotted name: by name, by its default export's names, or itself. */
function functionOf(exported, name, fullName = name) {
  const fallback = exported?.default;
  for (const from of [exported, fallback]) {
    const found = name.split('.').reduce((value, part) => value?.[part], from);
    if (typeof found === 'function') return found;
  }
  if (name === 'main' && typeof exported === 'function') return exported;
  if (name === 'main' && typeof fallback === 'function') return fallback;
  throw notAFunction(fullName);
}

function notAFunction(name) {
  return refusal(`Action entrypoint '${name}' is not a function.`);
}

/** An error whose whole text is its message: where it was thrown says nothing to the action's author. */
function refusal(message) {
  const error = new Error(message);
  error.stack = message;
  return error;
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

function codeDirectory(actionDirectory) {
  if (actionDirectory === undefined) {
    return fs.realpathSync(fs.mkdtempSync(path.join(require('node:os').tmpdir(), 'action-')));
  }
  const directory = path.join(actionDirectory, 'code');
  fs.mkdirSync(directory, { recursive: true });
  return fs.realpathSync(directory);
}

function emptyModule(filename) {
  const module = new Module(filename, null);
  module.filename = filename;
  module.paths = Module._nodeModulePaths(path.dirname(filename));
  return module;
}

/** The same syntax error, with the line that has it: compiled as a module, V8's message says only what. */
function pointedAt(error, code, filename) {
  const { Script } = require('node:vm');
  try {
    new Script(Module.wrap(code), { filename });
  } catch (pointed) {
    if (pointed instanceof SyntaxError) return pointed;
  }
  return error;
}

module.exports = { loadAction };
