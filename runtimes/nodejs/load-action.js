'use strict';
/** From the text of an init message, in CommonJS or ES module style, to the function that it names. */
const fs = require('node:fs');
const path = require('node:path');
/** What `require('node:module')` gives, a third of a millisecond sooner. */
const Module = module.constructor;

/** What `require` says of a module that only `import` can load. */
const MODULE_CODES = ['ERR_REQUIRE_ESM', 'ERR_REQUIRE_ASYNC_MODULE'];
const NAMES = /^[\w$]+(\.[\w$]+)*$/;
/** What V8 says of an ES module that is compiled as CommonJS. */
const MODULE_SYNTAX =
  /^(Cannot use import statement outside a module|Unexpected token 'export'|Cannot use 'import\.meta'|await is only valid)/;

/** Answers the function, or a promise of it; what it throws goes to the user. */
function loadText({ main, code, actionDirectory }) {
  if (!NAMES.test(main) && !isUnicodeName(main)) throw notAFunction(main);
  if (actionDirectory !== undefined) process.chdir(actionDirectory);
  const directory = actionDirectory ?? process.cwd();
  const module = new Module(path.join(directory, 'index.js'), null);
  module.filename = module.id;
  module.paths = Module._nodeModulePaths(directory);
  // `main` may be a plain function of the script's scope, which only code in that scope can name
  const probe = `\n;try { module.vibrissaMain = ${main}; } catch {}`;
  try {
    module._compile(code + probe, module.filename);
  } catch (error) {
    if (isForImport(error)) return loadModuleText({ main, code, actionDirectory });
    throw error instanceof SyntaxError ? pointedAt(error, code, module.filename) : error;
  }
  const { vibrissaMain } = module;
  return typeof vibrissaMain === 'function' ? vibrissaMain : functionOf(module.exports, main);
}

/** Compiling this expression takes longer than most actions. */
function isUnicodeName(main) {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*(\.[\p{ID_Start}$_][\p{ID_Continue}$]*)*$/u.test(main);
}

/** Is it that only `import` can load this code? */
function isForImport(error) {
  if (MODULE_CODES.includes(error?.code)) return true;
  return error instanceof SyntaxError && MODULE_SYNTAX.test(error.message);
}

async function loadModuleText({ main, code, actionDirectory }) {
  const file = path.join(codeDirectory(actionDirectory), 'index.mjs');
  const { importModule } = require('./import-module.js');
  fs.writeFileSync(file, code);
  return functionOf(await importModule(file), main);
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

function codeDirectory(actionDirectory) {
  if (actionDirectory === undefined) {
    return fs.realpathSync(fs.mkdtempSync(path.join(require('node:os').tmpdir(), 'action-')));
  }
  const directory = path.join(actionDirectory, 'code');
  fs.mkdirSync(directory, { recursive: true });
  return fs.realpathSync(directory);
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

module.exports = { loadText, functionOf, isForImport, codeDirectory, refusal };
